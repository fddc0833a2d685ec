// The runs of learn-room.test.ts in Node, through the library alone: the network that is named; prints what it gave as JSON. It runs in a process of its own, on the
// adapter that its environment names.
import { alexnet, googlenet, openDevice, sgd, type Device } from "../../src/index.ts";
import { fractals, phantoms } from "../../src/synthetic.ts";
import { openTrainer, type Trainer } from "../../src/trainer.ts";
import { LEARNT, LEARNT_GOOGLENET } from "./learnt.ts";

const SMALL = { width: 1 / 8, size: 64 };
const OPTIONS = { pixelScale: 1 / 64, init: "lsuv" } as const;

async function headsByAlexnet(device: Device): Promise<Trainer> {
  const { cases, batch, rate } = LEARNT;
  const pictures = phantoms({ cases, slices: 2 });
  return openTrainer(device, alexnet({ classes: 3, ...SMALL }), {
    samples: [...pictures],
    labels: pictures.labels,
    batch,
    rate,
    solver: sgd({ momentum: 0.9, weightDecay: 0.0005 }),
    ...OPTIONS,
  });
}

async function fractalsByGooglenet(device: Device): Promise<Trainer> {
  const { categories, batch } = LEARNT_GOOGLENET;
  const pictures = fractals({ categories, instances: 40, size: Math.ceil(SMALL.size * (256 / 224)) });
  return openTrainer(device, googlenet({ classes: categories, ...SMALL }), {
    samples: [...pictures],
    labels: pictures.labels,
    batch,
    rate: 0.002,
    solver: sgd({ momentum: 0.9, weightDecay: 0.0002 }),
    ...OPTIONS,
  });
}

await using device = await openDevice();
const isAlexnet = process.argv[2] === "alexnet";
using trainer = await (isAlexnet ? headsByAlexnet(device) : fractalsByGooglenet(device));
const { steps } = isAlexnet ? LEARNT : LEARNT_GOOGLENET;
const losses: number[] = [];
for (let step = 0; step < steps; step++) losses.push((await trainer.step()).loss);
const heldOut = isAlexnet ? await trainer.evaluate([...phantoms({ cases: LEARNT.cases, slices: 2, split: "test" })]) : null;
process.stdout.write(
  `${JSON.stringify({ adapter: device.adapterName, losses, hash: await trainer.hash(), heldOut: heldOut && { loss: heldOut.loss, auc: heldOut.auc } })}\n`,
);

// The run of learn-room.test.ts in Node, through the library alone; prints what it gave as JSON. It runs in a process of its own, on the adapter that its
// environment names.
import { alexnet, openDevice, sgd } from "../../src/index.ts";
import { phantoms } from "../../src/synthetic.ts";
import { openTrainer } from "../../src/trainer.ts";
import { LEARNT } from "./learnt.ts";

const { cases, batch, rate, steps } = LEARNT;
await using device = await openDevice();
const pictures = phantoms({ cases, slices: 2 });
using trainer = await openTrainer(device, alexnet({ classes: 3, width: 1 / 8, size: 64 }), {
  samples: [...pictures],
  labels: pictures.labels,
  batch,
  rate,
  solver: sgd({ momentum: 0.9, weightDecay: 0.0005 }),
  pixelScale: 1 / 64,
  init: "lsuv",
});
const losses: number[] = [];
for (let step = 0; step < steps; step++) losses.push((await trainer.step()).loss);
const { loss, auc } = await trainer.evaluate([...phantoms({ cases, slices: 2, split: "test" })]);
process.stdout.write(`${JSON.stringify({ adapter: device.adapterName, losses, hash: await trainer.hash(), heldOut: { loss, auc } })}\n`);

// Trains the small networks of kernels-test/support/learning.ts on phantoms and on fractals, and prints the losses as the table of docs/networks.md:
// npx tsx bench/learning-curves.ts [phantoms|fractals]
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CLASSES, PICTURES, SIDE, SMALL_FAMILIES, SMALL_NETWORKS } from "../kernels-test/support/learning.ts";
import { openDevice } from "../src/index.ts";
import { networkOf } from "../src/library/model.ts";
import { readOnnx } from "../src/onnx.ts";
import { storedSize } from "../src/train/graphs.ts";
import { openTrainer, type Sample } from "../src/trainer.ts";

const IMAGES = 60;
const UNSEEN = 30;
const ROUND = 30;
const ROUNDS = 8;

async function samplesOf(kind: keyof typeof PICTURES): Promise<Sample[]> {
  const set = PICTURES[kind](IMAGES + UNSEEN, storedSize(SMALL_NETWORKS[0], SIDE));
  const samples: Sample[] = [];
  for (let i = 0; i < set.length; i++) samples.push({ image: await set.read(i), label: set.labels[i] });
  return samples;
}

/** Every third sample is left for the end, class by class. */
function split(samples: readonly Sample[]): { readonly seen: Sample[]; readonly unseen: Sample[] } {
  const places = Array.from({ length: CLASSES }, () => 0);
  const isSeen = samples.map(({ label }) => places[Number(label)]++ % 3 !== 2);
  return { seen: samples.filter((_, i) => isSeen[i]), unseen: samples.filter((_, i) => !isSeen[i]) };
}

const folder = mkdtempSync(join(tmpdir(), "striatum-curves-"));
const device = await openDevice();
console.log(`${device.adapterName}, ${new Date().toISOString().slice(0, 10)}`);
const head = Array.from({ length: ROUNDS }, (_, i) => `${i * ROUND + 1} to ${(i + 1) * ROUND}`);
console.log(`| network | pictures | ${head.join(" | ")} | unseen: loss | accuracy |`);
const [only] = process.argv.slice(2);
for (const kind of (Object.keys(PICTURES) as (keyof typeof PICTURES)[]).filter((each) => only === undefined || each === only)) {
  const { seen, unseen } = split(await samplesOf(kind));
  for (const [i, family] of SMALL_FAMILIES.entries())
    for (const isRead of i === 0 ? [false, true] : [false]) {
      const options = { samples: seen, batch: 10, rate: i === 0 ? 0.01 : 0.05, seed: 1 } as const;
      let model = family({ classes: CLASSES });
      if (isRead) {
        // The same start, by way of a file.
        const path = join(folder, "start.onnx");
        const start = await openTrainer(device, model, options);
        await start.save(path);
        start.dispose();
        const read = readOnnx(readFileSync(path));
        model = read({ classes: CLASSES, init: read.weights });
      }
      const trainer = await openTrainer(device, model, options);
      const losses: string[] = [];
      for (let round = 0; round < ROUNDS; round++) losses.push((await trainer.step({ count: ROUND })).loss.toFixed(3));
      const { loss, accuracy } = await trainer.evaluate(unseen);
      const { title } = networkOf(family({ classes: CLASSES }));
      console.log(
        `| ${title}${isRead ? ", from ONNX" : ""} | ${kind} | ${losses.join(" | ")} | ${loss.toFixed(3)} | ${(100 * accuracy).toFixed(0)} % |`,
      );
      trainer.dispose();
    }
}
await device.dispose();
rmSync(folder, { recursive: true });

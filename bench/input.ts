// Speed of the input path: synthetic CT series as DICOM files, read by src/dataset, put in batches with random crops and
// mirrors, uploaded, cropped, mirrored and mean-subtracted by the step's kernel. The result is compared with the definition before timing.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { trainingBatches } from "../src/dataset/batches.ts";
import { allocateBatch, type BatchArrays } from "../src/dataset/stored-batch.ts";
import { openDataset, type Dataset } from "../src/dataset/dataset.ts";
import { meanOf } from "../src/dataset/mean.ts";
import { Session } from "../src/engine/session.ts";
import { Graph } from "../src/graph/graph.ts";
import type { Array64 } from "../src/graph/op.ts";
import { cropImages } from "../src/ops/crop-images.ts";
import { cohortFiles } from "../src/phantoms/cohort-files.ts";
import { nodeFiles } from "../src/platform/node-files.ts";
import type { Shape } from "../src/tensor/shape.ts";
import { underConditions, type Bench } from "./conditions.ts";
import type { Input } from "./results.ts";
import { interleave, rounded, timingOf, type Candidate } from "./statistics.ts";

export interface InputOptions {
  /** Synthetic patients. */
  readonly cases: number;
  readonly batch: number;
  /** Side of the stored image and of the crop, pixels. */
  readonly stored: number;
  readonly crop: number;
}

const SEED = 1;
const WARM_UPS = 1;

/** Null if it was interrupted before the first round was done. */
export async function benchInput(bench: Bench, options: InputOptions): Promise<Input | null> {
  const folder = mkdtempSync(join(tmpdir(), "striatum-input-"));
  try {
    const written = await writePhantoms(folder, options.cases);
    bench.say(`input: ${written.files} DICOM files of ${options.cases} synthetic patients`);
    const { conditions, result } = await underConditions(bench, () => measure(bench, folder, options));
    return result && { conditions, ...options, ...written, ...result };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function writePhantoms(folder: string, cases: number): Promise<{ files: number; megabytes: number }> {
  let [files, bytes] = [0, 0];
  for await (const { name, content } of cohortFiles({ cases, seed: SEED, kind: "quick" })) {
    await nodeFiles.write(join(folder, name), content);
    if (typeof content === "string") continue;
    files++;
    bytes += content.reduce((sum, { length }) => sum + length, 0);
  }
  return { files, megabytes: rounded(bytes / 1e6) };
}

async function measure({ engine, rounds, signal, say }: Bench, folder: string, options: InputOptions) {
  const { batch, stored, crop } = options;
  const { platform } = engine;
  const open = (cacheBytes: number): Promise<Dataset> =>
    openDataset(nodeFiles, folder, { size: stored, inflate: platform.inflate, slab: true, only: ["train"], cacheBytes });
  const before = platform.now();
  const fromFiles = await open(0);
  const openMs = rounded(platform.now() - before);
  const fromMemory = await open(2 ** 30);
  const set = fromMemory.images("train");
  const mean = (await meanOf(set)).image;

  const graph = cropGraph(batch, stored, crop);
  const session = await Session.open(engine, graph);
  try {
    session.writeState("mean", mean);
    const feed = ({ pixels, placement }: BatchArrays): void => {
      session.feed("pixels", pixels);
      session.feed("placement", placement);
      session.run();
    };
    // One after the other: in training, the next batch is filled while the GPU computes.
    const candidate = (dataset: Dataset): Candidate & { next: () => Promise<BatchArrays> } => {
      const source = trainingBatches(dataset.images("train"), { batch, crop, seed: SEED, mirror: true });
      const into = allocateBatch(batch, stored);
      let step = 0;
      const next = async (): Promise<BatchArrays> => {
        await source.fill(step++, into);
        return into;
      };
      const run = async (): Promise<number> => {
        const from = platform.now();
        feed(await next());
        await engine.idle();
        return platform.now() - from;
      };
      return { next, run };
    };
    const candidates = [candidate(fromFiles), candidate(fromMemory)];
    for (const { next } of candidates) {
      const taken = await next();
      feed(taken);
      const worst = await compare(taken, { mean, stored, crop }, await session.read("y"));
      say(`input: a batch of ${batch} compared with the definition, worst pixel at ${worst.toFixed(2)} of its bound`);
    }
    const times = await interleave(candidates, { rounds, warmUps: WARM_UPS, signal });
    if (times[0].length === 0) return null;
    const rows = (["files", "memory"] as const).map((from, i) => {
      const time = timingOf(times[i]);
      const batchesPerSecond = 1000 / time.median;
      return { from, time, batchesPerSecond: rounded(batchesPerSecond), imagesPerSecond: rounded(batch * batchesPerSecond) };
    });
    return { images: set.length, openMs, rows };
  } finally {
    session.dispose();
  }
}

function cropGraph(batch: number, stored: number, crop: number): Graph {
  const graph = new Graph();
  const pixels = graph.input("pixels", [batch, stored, stored], "u32");
  const placement = graph.input("placement", [batch, 4], "u32");
  const mean = graph.state("mean", [stored, stored, 4]);
  graph.output("y", graph.add(cropImages, { pixels, placement, mean }, { size: crop, scale: 1 }, "data").y);
  return graph;
}

/** The worst pixel's error over its bound; throws if that is above 1. */
async function compare(
  { pixels, placement }: BatchArrays,
  { mean, stored, crop }: { mean: Float32Array; stored: number; crop: number },
  got: Float32Array,
): Promise<number> {
  const batch = placement.length / 4;
  const exactly = (shape: Shape, data: ArrayLike<number>): Array64 => ({ shape, data: Float64Array.from(data) });
  const inputs = {
    pixels: exactly([batch, stored, stored], pixels),
    placement: exactly([batch, 4], placement),
    mean: exactly([stored, stored, 4], mean),
  };
  const attributes = { size: crop, scale: 1 };
  const outputs = { y: { shape: [batch, crop, crop, 4], dtype: "f32" as const } };
  const exact = cropImages.reference(inputs, attributes, outputs) as { y: Float64Array };
  const { y: allowed } = cropImages.bound({ op: cropImages, inputs, attributes, outputs, exact });
  const worst = exact.y.reduce((most, value, i) => (got[i] === value ? most : Math.max(most, Math.abs(got[i] - value) / allowed[i])), 0);
  if (!(worst <= 1))
    throw new Error(`nothing is timed: a pixel that reached the GPU is at ${worst} of its bound; run  npx striatum verify --op cropImages`);
  return worst;
}

// The main memory of a training on an adapter that is a processor, compared with what the machine and its control groups have, before any is taken: who
// takes more than there is, is killed without a word.
import type { Engine } from "../engine/engine.ts";
import { planFor, type SessionOptions } from "../engine/session.ts";
import { BYTES_PER_ELEMENT, sizeOf } from "../tensor/shape.ts";
import { scoringGraph, storedSize } from "./graphs.ts";
import { scalesLoss, trainingGraph, type TrainingOptions } from "./training-graphs.ts";

/** Bytes of a training with a batch of this many images. */
type BytesOf = (batch: number) => number;

/** The runtime, the driver and what they compile: measured on full-size AlexNet with batches of 32 and 64, where the sum below is 6 to 11 % above what was taken. */
const RUNTIME_BYTES = 2 ** 28;
/** Copies of what is learnt when a checkpoint is made: as it is read back, and in the order of files. */
const CHECKPOINT_COPIES = 2;
/** Batches on the host: one that is fed, one that is made ahead, one on its way. */
const HOST_BATCHES = 3;

/** Buffers of the training step and of scoring, and what lies beside them in the same memory. */
function trainingBytes(engine: Engine, options: TrainingOptions, session: SessionOptions): BytesOf {
  const scaled = { ...options, ...(scalesLoss(session) && { scaledLoss: true }) };
  const pixels = storedSize(options.network, options.size ?? options.network.size) ** 2;
  return (batch) => {
    const { graph } = trainingGraph({ ...scaled, batch });
    const scoring = scoringGraph({ ...options, batch }).graph;
    const device = planFor(engine, graph, session).peakBytes + planFor(engine, scoring, session).peakBytes - statesOf(scoring);
    const host = CHECKPOINT_COPIES * statesOf(graph) + HOST_BATCHES * BYTES_PER_ELEMENT * batch * pixels;
    return device + host + RUNTIME_BYTES;
  };
}

const statesOf = ({ states }: { readonly states: readonly { readonly value: { readonly shape: readonly number[] } }[] }): number =>
  states.reduce((sum, { value }) => sum + BYTES_PER_ELEMENT * sizeOf(value.shape), 0);

/** The largest batch below this one that takes at most so many bytes; 0 where none does. */
export function largestBatch(bytesOf: BytesOf, batch: number, available: number): number {
  let [fits, over] = [0, batch];
  while (over - fits > 1) {
    const middle = Math.floor((fits + over) / 2);
    if (bytesOf(middle) <= available) fits = middle;
    else over = middle;
  }
  return fits;
}

/** Throws, naming the batch that fits, where a training takes more main memory than there is. Adapters with memory of their own are not looked at. */
export async function expectMemory(engine: Engine, options: TrainingOptions, session: SessionOptions): Promise<void> {
  const available = engine.target.cpu ? engine.platform.availableMemory() : null;
  if (!available) return;
  if (session.storage === "f16") await engine.loadHalves();
  const { batch } = options;
  await engine.withShaders(() => {
    const bytesOf = trainingBytes(engine, options, session);
    const bytes = bytesOf(batch);
    if (bytes <= available.bytes) return;
    const fits = largestBatch(bytesOf, batch, available.bytes);
    const advice = fits > 0 ? `use a batch of at most ${fits} (--batch ${fits})` : "use a smaller width or input (--width, --size)";
    throw new Error(
      `a batch of ${batch} takes ${gigabytes(bytes)} of main memory on this adapter (${engine.adapterName}), and ${gigabytes(available.bytes)} ` +
        `are available (${available.by}): ${advice}`,
    );
  });
}

const gigabytes = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GiB`;

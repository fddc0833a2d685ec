// Batches as the GPU takes them: packed pixels, labels, and where to crop each image. Everything random is a function of the seed and the
// step, so a run that is stopped and resumed sees the same images in the same places. While the GPU works on one batch the next is filled.
import { philox } from "../tensor/philox.ts";
import type { ImageSet } from "./image-set.ts";
import { mirroredClasses } from "./mirror.ts";
import { allocateBatch, cropInMiddle, packPicture, type BatchArrays } from "./stored-batch.ts";

export interface BatchSource {
  readonly batch: number;
  readonly size: number;
  /** Fills a batch; how many of its images count. The others, in an evaluation's last batch, are black and class 0. */
  fill(step: number, into: BatchArrays): Promise<number>;
}

export interface TrainingBatches {
  readonly batch: number;
  /** Side of the crop that the network sees. */
  readonly crop: number;
  /** Below 2^53, as in the random ops. */
  readonly seed: number;
  /** Mirrors every other image or so, left and right labels with it. Default false. */
  readonly mirror?: boolean;
}

// The last word of the Philox counter; 0 is dropout's, 1 is that of initial values.
const PLACEMENT = 2;
const ORDER = 3;

const keyOf = (seed: number): [number, number] => [seed % 2 ** 32, Math.floor(seed / 2 ** 32)];

/** A whole number in [0, count), uniform to within count / 2^32. */
const below = (count: number, word: number): number => Math.floor((word / 2 ** 32) * count);

/** The order of an epoch's images: a permutation of 0 to count - 1, by Fisher and Yates (Knuth, TAOCP 3.4.2, algorithm P). */
export function epochOrder(count: number, seed: number, epoch: number): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const other = below(i + 1, philox(keyOf(seed), [i, epoch, 0, ORDER])[0]);
    [order[i], order[other]] = [order[other], order[i]];
  }
  return order;
}

/**
 * Batches without end: step s takes the images s * batch and on of a sequence that strings permuted epochs together, so the last batch of
 * an epoch ends in the next one (Caffe wraps around likewise). Each image is cropped at a uniform random place.
 */
export function trainingBatches(set: ImageSet, { batch, crop, seed, mirror = false }: TrainingBatches): BatchSource {
  checkBatch(set, batch, crop);
  const { length, size, classes } = set;
  const mirrored = mirror ? mirroredClasses(classes) : classes.map((_, i) => i);
  let known: { epoch: number; order: Uint32Array } = { epoch: -1, order: new Uint32Array(0) };
  const imageAt = (position: number): number => {
    const epoch = Math.floor(position / length);
    if (known.epoch !== epoch) known = { epoch, order: epochOrder(length, seed, epoch) };
    return known.order[position % length];
  };
  return {
    batch,
    size,
    async fill(step, into) {
      for (let slot = 0; slot < batch; slot++) {
        const image = imageAt(step * batch + slot);
        const [y, x, coin] = philox(keyOf(seed), [step, slot, 0, PLACEMENT]);
        const flip = mirror && coin >= 2 ** 31;
        into.placement.set([below(size - crop + 1, y), below(size - crop + 1, x), flip ? 1 : 0, 0], 4 * slot);
        into.labels[slot] = flip ? mirrored[set.labels[image]] : set.labels[image];
        await pack(set, image, into, slot);
      }
      return batch;
    },
  };
}

/** Every image once, in order, cropped in the middle: step s takes the images s * batch and on. The steps are ceil(length / batch). */
export function evaluationBatches(set: ImageSet, { batch, crop }: { readonly batch: number; readonly crop: number }): BatchSource {
  checkBatch(set, batch, crop);
  const { length, size } = set;
  return {
    batch,
    size,
    async fill(step, into) {
      const first = step * batch;
      const count = Math.max(0, Math.min(batch, length - first));
      cropInMiddle(into, size, crop);
      for (let slot = 0; slot < count; slot++) {
        into.labels[slot] = set.labels[first + slot];
        await pack(set, first + slot, into, slot);
      }
      into.labels.fill(0, count);
      into.pixels.fill(0, count * size * size);
      return count;
    },
  };
}

function checkBatch({ length, size }: ImageSet, batch: number, crop: number): void {
  if (length === 0) throw new Error("batches: the split has no images");
  if (!Number.isInteger(batch) || batch < 1) throw new Error(`batches: a batch must be a whole number of images from 1, got ${batch}`);
  if (!Number.isInteger(crop) || crop < 1 || crop > size)
    throw new Error(`batches: a crop must be 1 to ${size} pixels, the images' side, got ${crop}`);
}

async function pack(set: ImageSet, image: number, into: BatchArrays, slot: number): Promise<void> {
  packPicture(await set.read(image), into, slot);
}

export interface ReadBatch extends BatchArrays {
  readonly step: number;
  /** Images that count. */
  readonly images: number;
}

/**
 * Batches `from`, `from` + 1, ... one per call, each filled while its predecessor is used. A batch's arrays hold until the next call, and
 * calls must not overlap.
 */
export function readAhead(source: BatchSource, from = 0): () => Promise<ReadBatch> {
  const arrays = [allocateBatch(source.batch, source.size), allocateBatch(source.batch, source.size)];
  const start = (step: number): Promise<ReadBatch> => {
    const into = arrays[step % 2];
    const filling = source.fill(step, into).then((images) => ({ ...into, step, images }));
    // The call that asks for the batch throws its failure.
    filling.catch(() => undefined);
    return filling;
  };
  let next = start(from);
  let step = from;
  return async () => {
    const batch = await next;
    next = start(++step);
    return batch;
  };
}

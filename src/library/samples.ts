// Samples of a program as images to train on and to score: in memory, as variants or changed by a function, or as they come.
import { trainingBatches, type BatchSource } from "../dataset/batches.ts";
import { augmentedSet, Cache, type ImageSet } from "../dataset/image-set.ts";
import { pictureOf, type Image, type Picture } from "../dataset/image.ts";
import { mirroredClasses } from "../dataset/mirror.ts";
import type { Platform } from "../platform/platform.ts";
import { philox, unitFloat } from "../tensor/philox.ts";
import type { ImageSettings } from "../train/image-settings.ts";
import { inWords } from "./check.ts";
import { pictureOfInput, type PictureInput } from "./pictures.ts";

/** A picture with its class. */
export interface Sample {
  /** The picture. */
  readonly image: PictureInput;
  /** Index of its class, or the class's name. */
  readonly label: number | string;
}

/** What a function that changes pictures may draw by. */
export interface AugmentationDraw {
  /** Number of the step, from 0. */
  readonly step: number;
  /** Position of the sample in the samples. */
  readonly sample: number;
  /** The next number from 0 up to but not including 1; a function of seed, step and sample, so that a run can be repeated. */
  readonly random: () => number;
}

/** Changes a picture before a step shows it; the result may have another size. */
export type Augmentation = (picture: Picture, draw: AugmentationDraw) => Picture;

export interface SampleOptions {
  readonly platform: Platform;
  readonly classes: readonly string[];
  /** Side of the stored pictures. */
  readonly stored: number;
  readonly images: ImageSettings;
}

/** Memory for variants that are kept once made. */
const VARIANT_BYTES = 2 ** 28;

interface Read {
  readonly image: Image;
  readonly label: number;
}

async function readSample(sample: Sample, where: string, { platform, classes }: SampleOptions): Promise<Read> {
  if (typeof sample !== "object" || sample === null || !("image" in sample) || !("label" in sample))
    throw new TypeError(`${where} must be { image, label }, got ${inWords(sample)}`);
  const { label } = sample;
  const index = typeof label === "string" ? classes.indexOf(label) : label;
  if (!(Number.isInteger(index) && index >= 0 && index < classes.length))
    throw new TypeError(`${where}: its label must be 0 to ${classes.length - 1} or one of ${classes.join(", ")}, got ${inWords(label)}`);
  return { image: await pictureOfInput(platform, sample.image), label: index };
}

/** Reads all samples. Throws a TypeError that names the first that is wrong. */
export async function readSamples(samples: readonly Sample[], options: SampleOptions): Promise<Read[]> {
  if (samples.length === 0) throw new TypeError("expected at least one sample, got an array of 0");
  const read: Read[] = [];
  for (const [i, sample] of samples.entries()) read.push(await readSample(sample, `sample ${i}`, options));
  return read;
}

const storedPicture = (image: Image, { stored, images }: SampleOptions): Picture => pictureOf(image, stored, images.windowHu);

/** Samples, each as it is. */
export function imageSetOf(read: readonly Read[], options: SampleOptions): ImageSet {
  const pictures = read.map(({ image }) => storedPicture(image, options));
  return {
    size: options.stored,
    length: pictures.length,
    classes: options.classes,
    labels: Uint32Array.from(read, ({ label }) => label),
    cases: Uint32Array.from(read, (_, i) => i),
    read: async (i) => pictures[i],
  };
}

/** Samples, each as its 48 variants. */
function variantsOf(read: readonly Read[], options: SampleOptions): ImageSet {
  const { classes, stored, images } = options;
  const stays = read.map(({ image }, i) => ({ path: `sample ${i}`, raw: image, pictures: [], case: i, key: [i, 0] as const }));
  const labels = Uint32Array.from(read, ({ label }) => label);
  const reread = (): never => {
    throw new Error("internal: a sample is kept");
  };
  const parts = { images: stays, labels, classes, size: stored, window: images.windowHu, reread, cache: new Cache(VARIANT_BYTES) };
  return augmentedSet(parts, mirroredClasses(classes));
}

export interface BatchOptions {
  readonly batch: number;
  readonly crop: number;
  readonly seed: number;
  readonly mirror: boolean;
}

// The last word of the Philox counter; batches.ts has 2 and 3, augmentation.ts 4.
const DRAW = 5;

/** Batches of a set whose pictures a function changes at every step. */
function changedBatches(set: ImageSet, change: Augmentation, options: SampleOptions, batches: BatchOptions): BatchSource {
  let step = 0;
  const changed = (picture: Picture, at: { readonly step: number; readonly sample: number }): Picture => {
    let drawn = 0;
    const key: [number, number] = [batches.seed % 2 ** 32, Math.floor(batches.seed / 2 ** 32)];
    const random = (): number => unitFloat(philox(key, [at.step, at.sample, drawn++, DRAW])[0]);
    return storedPicture(change(picture, { ...at, random }), options);
  };
  const read = async (sample: number): Promise<Picture> => {
    const at = { step, sample };
    return changed(await set.read(sample), at);
  };
  const source = trainingBatches({ ...set, read }, batches);
  return {
    ...source,
    fill(at, into) {
      step = at;
      return source.fill(at, into);
    },
  };
}

/** Batches of samples as they come. An iterable that ends is asked for another iterator; one that then gives nothing has ended. */
function streamedBatches(
  samples: AsyncIterable<Sample>,
  options: SampleOptions,
  batches: BatchOptions,
  change?: Augmentation,
): BatchSource {
  let iterator = samples[Symbol.asyncIterator]();
  let taken = 0;
  const next = async (): Promise<Read> => {
    let result = await iterator.next();
    if (result.done) {
      iterator = samples[Symbol.asyncIterator]();
      result = await iterator.next();
    }
    if (result.done) throw new Error(`the samples ended after ${taken}`);
    return readSample(result.value, `sample ${taken++}`, options);
  };
  return {
    batch: batches.batch,
    size: options.stored,
    async fill(step, into) {
      const read: Read[] = [];
      while (read.length < batches.batch) read.push(await next());
      const set = imageSetOf(read, options);
      const source = change ? changedBatches(set, change, options, batches) : trainingBatches(set, batches);
      return source.fill(step, into);
    },
  };
}

/** Batches, and the set of those in memory. */
export async function sourceOf(
  samples: readonly Sample[] | AsyncIterable<Sample>,
  augment: "variants" | Augmentation | undefined,
  sampling: SampleOptions,
  batching: BatchOptions,
): Promise<{ readonly source: BatchSource; readonly set: ImageSet | null }> {
  if (!Array.isArray(samples)) {
    if (augment === "variants")
      throw new TypeError('openTrainer: augment "variants" is for samples in memory; an async iterable may give variants itself');
    return { source: streamedBatches(samples as AsyncIterable<Sample>, sampling, batching, augment), set: null };
  }
  const read = await readSamples(samples, sampling);
  const set = augment === "variants" ? variantsOf(read, sampling) : imageSetOf(read, sampling);
  const source = typeof augment === "function" ? changedBatches(set, augment, sampling, batching) : trainingBatches(set, batching);
  return { source, set };
}

// The images of one split, as batches ask for them: training images as they are or as their 48 variants. Variants are made when they are first
// wanted and kept as far as the cache allows, so that later epochs only copy.
import type { HuWindow } from "../dicom/window.ts";
import { augment, swapsSides, VARIANTS } from "./augmentation.ts";
import type { Image, Picture } from "./image.ts";
import type { Rescale } from "./rescale.ts";

/** The images of one split, case by case. */
export interface ImageSet {
  readonly size: number;
  readonly length: number;
  readonly classes: readonly string[];
  /** Class index [length] */
  readonly labels: Uint32Array;
  /** Position of each image's case in `Dataset.cases` [length] */
  readonly cases: Uint32Array;
  /** [size, size, 1 or 3]. Reads the file again if the picture is not in memory. */
  read(image: number): Promise<Picture>;
  /** Path of the file of each image, and how its values become Hounsfield units; absent where pictures have no files. */
  readonly file?: (image: number) => { readonly path: string; readonly rescale?: Rescale };
}

/** An image that a dataset has read, and what it keeps of it. */
export interface StoredImage {
  readonly path: string;
  /** The rescale of its case. */
  readonly rescale?: Rescale;
  /** What its variants are made of, cropped; null where there are none to make, or where the cache is full. */
  readonly raw: Image | null;
  /** By position in VARIANTS, 0 being the image as it is; gaps were not made yet, or found the cache full. */
  readonly pictures: (Picture | undefined)[];
  /** Position in `cases`. */
  readonly case: number;
  /** Index of the case in the manifest, and of the image in its case: what the noise of variants is drawn by. */
  readonly key: readonly [number, number];
}

/** Memory that is left for pictures. */
export class Cache {
  #room: number;

  constructor(bytes: number) {
    this.#room = bytes;
  }

  /** Reserves memory for the picture's bytes; false, and nothing reserved, where too little is left. */
  take({ data }: { readonly data: Uint8Array | Float32Array }): boolean {
    if (data.byteLength > this.#room) return false;
    this.#room -= data.byteLength;
    return true;
  }
}

export interface ImageSetParts {
  readonly images: readonly StoredImage[];
  /** Class index of each of `images`. */
  readonly labels: Uint32Array;
  readonly classes: readonly string[];
  /** Side of the pictures that come out. */
  readonly size: number;
  readonly window: HuWindow;
  /** What the variants of an image are made of, cropped, where it was not kept. */
  readonly reread: (image: StoredImage) => Promise<Image>;
  readonly cache: Cache;
}

/** Each image once, as it is. */
export function imageSet(parts: ImageSetParts): ImageSet {
  const { images, labels, classes, size } = parts;
  return {
    size,
    length: images.length,
    classes,
    labels,
    cases: Uint32Array.from(images, (image) => image.case),
    read: (i) => readVariant(i, 1, parts),
    file: (i) => images[i],
  };
}

/**
 * Each image as its 48 variants, one after another: image i of the set is variant i mod 48 of image floor(i / 48).
 * mirrored: the class that each class becomes in variants that swap left and right.
 */
export function augmentedSet(parts: ImageSetParts, mirrored: readonly number[]): ImageSet {
  const { images, labels, classes, size } = parts;
  const count = VARIANTS.length;
  const length = images.length * count;
  const swaps = VARIANTS.map(swapsSides);
  const labelOf = (i: number): number => {
    const label = labels[Math.floor(i / count)];
    return swaps[i % count] ? mirrored[label] : label;
  };
  return {
    size,
    length,
    classes,
    labels: Uint32Array.from({ length }, (_, i) => labelOf(i)),
    cases: Uint32Array.from({ length }, (_, i) => images[Math.floor(i / count)].case),
    read: (i) => readVariant(i, count, parts),
  };
}

/** Image i of a set that shows each stored image as `count` variants. */
async function readVariant(i: number, count: number, { images, size, window, reread, cache }: ImageSetParts): Promise<Picture> {
  const image = images[Math.floor(i / count)];
  if (!image) throw new Error(`dataset: there is no image ${i}, the split has ${images.length * count}`);
  const { raw, pictures, key } = image;
  const k = i % count;
  const known = pictures[k];
  if (known) return known;
  const made = augment(raw ?? (await reread(image)), k, { size, window, key });
  if (cache.take(made)) pictures[k] = made;
  return made;
}

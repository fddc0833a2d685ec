// Fractal images as a set to learn from: image i is of category i mod categories, drawn when it is asked for, a function of seed, category and
// instance. Formula-driven supervision (Kataoka et al. 2020, "Pre-training without natural images"): labels without annotation.
import { sha256Hex } from "../tensor/sha256.ts";
import { drawsOf, STREAM } from "./draws.ts";
import { canvasOf, renderFractal, type Poses } from "./render.ts";
import { systemOf, varied, type FractalSystem } from "./system.ts";

export interface FractalOptions {
  /** Below 2^53. */
  readonly seed: number;
  /** Number of classes. */
  readonly categories: number;
  /** Images of each category. */
  readonly instances: number;
  /** Instances before the first: sets with other instances share no image. Default 0. */
  readonly from?: number;
  readonly poses: Poses;
  /** Side of the pictures. */
  readonly size: number;
}

/** Changes when the same options come to give other images. */
const LAW = "striatum-fractals-1";

/** An image set as batches take it: every image is a case of its own. */
export interface FractalImages {
  readonly size: number;
  readonly length: number;
  readonly classes: readonly string[];
  readonly labels: Uint32Array;
  readonly cases: Uint32Array;
  /** [size, size, 1] */
  read(image: number): Promise<FractalPicture>;
  /** The same at once. */
  draw(image: number): FractalPicture;
}

interface FractalPicture {
  readonly width: number;
  readonly height: number;
  readonly channels: 1;
  readonly data: Uint8Array;
}

const MOST_IMAGES = 2 ** 26;
const MOST_PIXELS = 2048;

/** Throws a RangeError for options out of bounds: sizes allocate. */
export function fractalImages({ seed, categories, instances, from = 0, poses, size }: FractalOptions): FractalImages {
  within("seed", seed, 0, Number.MAX_SAFE_INTEGER);
  within("categories", categories, 2, 2 ** 16);
  within("instances", instances, 1, MOST_IMAGES / categories);
  within("from", from, 0, 2 ** 32 - 1 - instances);
  within("size", size, 8, MOST_PIXELS);
  const length = categories * instances;
  const systems: FractalSystem[] = [];
  const canvas = canvasOf(size);
  const draw = (image: number): FractalPicture => {
    within("image", image, 0, length - 1);
    const category = image % categories;
    const system = (systems[category] ??= systemOf(seed, category));
    const stream = drawsOf(seed, category, from + Math.floor(image / categories), STREAM.instance);
    return { width: size, height: size, channels: 1, data: renderFractal(varied(system, stream), canvas, { poses, draw: stream }) };
  };
  return {
    size,
    length,
    classes: Array.from({ length: categories }, (_, category) => `fractal ${category}`),
    labels: Uint32Array.from({ length }, (_, i) => i % categories),
    cases: Uint32Array.from({ length }, (_, i) => i),
    read: async (image) => draw(image),
    draw,
  };
}

/** SHA-256 that changes with anything that changes an image. */
export const hashFractals = (options: readonly FractalOptions[]): string => sha256Hex(JSON.stringify([LAW, options]));

function within(name: string, value: number, least: number, most: number): void {
  if (!Number.isInteger(value) || value < least || value > most)
    throw new RangeError(`fractals: ${name} must be a whole number from ${least} to ${Math.floor(most)}, got ${value}`);
}

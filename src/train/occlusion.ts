// The parts of a picture that a score rests on: occlusion sensitivity (Zeiler and Fergus 2014, "Visualizing and understanding convolutional networks").
// A square patch of the picture's mean grey between air and bone is laid over one place after another, and the map is how much the log-odds of a finding fall. It
// needs forward passes alone, and its resolution is the patch's, whatever the network's last map.
import type { Picture } from "../dataset/image.ts";
import { logOdds } from "../statistics/confusion.ts";
import { scorePictures, type Scoring } from "./evaluate.ts";

/** Patches that fit along a side of the crop: at the quick study's 64 pixels a patch has 8. */
const PATCHES = 8;
/** Darker is air, brighter is bone, of 0 to 255. */
const AIR = 25;
const BONE = 230;

export interface OcclusionOptions {
  /** Side of the middle crop that the network sees, in pixels. */
  readonly crop: number;
  /** Cells along a side of the map. A patch is centred on each: with 8 cells patches touch, with 12 they overlap by a third. */
  readonly cells: number;
}

/** The map of one picture. Cells cover the middle crop. */
export interface Occlusion {
  /** By how much covering the cell and its surroundings lowers the log-odds of a finding, [cells, cells]; 0 where the head is not. */
  readonly falls: Float32Array;
  /** Cells that were covered, in order: those of the head. */
  readonly covered: readonly number[];
  /** The cell with the largest fall, the first of equals; null where no patch lowers the log-odds. */
  readonly peak: number | null;
}

/** Side of the patch, in pixels of the network's input. */
export const patchSide = (crop: number): number => crop / PATCHES;

/** The centre of a cell of the map, on a square of the given side. */
export const centreOf = (cell: number, cells: number, side: number): readonly [x: number, y: number] => [
  (((cell % cells) + 0.5) * side) / cells,
  ((Math.floor(cell / cells) + 0.5) * side) / cells,
];

/** Maps of pictures of the network's stored size, and how many forward passes they took. A picture's map does not depend on the others. */
export async function occlude(
  scoring: Scoring,
  pictures: readonly Picture[],
  options: OcclusionOptions,
): Promise<{ readonly maps: Occlusion[]; readonly passes: number }> {
  const scores: number[] = [];
  const waiting: Picture[] = [];
  const pass = async (): Promise<void> => {
    scores.push(...(await scorePictures(scoring, waiting.splice(0))).map(findingLogOdds));
  };
  const score = async (view: Picture): Promise<void> => {
    if (waiting.push(view) === scoring.options.batch) await pass();
  };
  const shown: { readonly first: number; readonly covered: readonly number[] }[] = [];
  let passes = 0;
  // Passes are full whatever a picture has of cells: those of the next picture fill up a batch.
  for (const picture of pictures) {
    const covered = headCells(picture, options);
    const grey = brainGrey(picture);
    shown.push({ first: passes, covered });
    passes += 1 + covered.length;
    await score(picture);
    for (const cell of covered) await score(coverCell(picture, options, cell, grey));
  }
  if (waiting.length > 0) await pass();
  const maps = shown.map(({ first, covered }): Occlusion => {
    const falls = new Float32Array(options.cells ** 2);
    for (const [i, cell] of covered.entries()) falls[cell] = scores[first] - scores[first + 1 + i];
    const most = covered.reduce((best, cell) => (best < 0 || falls[cell] > falls[best] ? cell : best), -1);
    return { falls, covered, peak: most >= 0 && falls[most] > 0 ? most : null };
  });
  return { maps, passes };
}

const findingLogOdds = ([none, ...findings]: readonly number[]): number =>
  logOdds(
    findings.reduce((sum, p) => sum + p, 0),
    none,
  );

/** Pixels [from, to) of a patch along one axis of the stored picture, cut at the crop's edge. */
function extent(centre: number, side: number, crop: number): readonly [from: number, to: number] {
  const margin = Math.floor((side - crop) / 2);
  const within = (at: number): number => margin + Math.min(crop, Math.max(0, Math.round(at)));
  return [within(centre - patchSide(crop) / 2), within(centre + patchSide(crop) / 2)];
}

/** Calls `visit` with the index of each pixel under the patch of a cell. */
function eachPixel({ width, height }: Picture, { crop, cells }: OcclusionOptions, cell: number, visit: (pixel: number) => void): void {
  const [x, y] = centreOf(cell, cells, crop);
  const [left, right] = extent(x, width, crop);
  const [top, bottom] = extent(y, height, crop);
  for (let row = top; row < bottom; row++) for (let column = left; column < right; column++) visit(row * width + column);
}

/** The picture with a patch of a grey or a colour over one cell. */
export function coverCell(picture: Picture, options: OcclusionOptions, cell: number, grey: readonly number[]): Picture {
  const { channels } = picture;
  const data = picture.data.slice();
  eachPixel(picture, options, cell, (pixel) => data.set(grey, pixel * channels));
  return { ...picture, data };
}

/** The grey of brain in CT: mean of each channel over the pixels that are neither air nor bone, rounded. */
function brainGrey({ channels, data }: Picture): number[] {
  return Array.from({ length: channels }, (_, channel) => {
    let [sum, count] = [0, 0];
    for (let i = channel; i < data.length; i += channels)
      if (data[i] > AIR && data[i] < BONE) {
        sum += data[i];
        count++;
      }
    return count > 0 ? Math.round(sum / count) : 0;
  });
}

/** Cells of whose patch at least half lies in the head. A grey patch in the air would be a thing of its own. */
function headCells(picture: Picture, options: OcclusionOptions): number[] {
  const head = headOf(picture);
  return Array.from({ length: options.cells ** 2 }, (_, cell) => cell).filter((cell) => {
    let [inside, all] = [0, 0];
    eachPixel(picture, options, cell, (pixel) => {
      inside += head[pixel];
      all++;
    });
    return 2 * inside >= all;
  });
}

/** 1 between the first and the last pixel that is no air, of its row and of its column: dark ventricles are of the head. */
function headOf({ width, height, channels, data }: Picture): Uint8Array {
  const bright = (x: number, y: number): boolean => data[(y * width + x) * channels] > AIR;
  const across = Array.from({ length: height }, (_, y) => rangeOf(width, (x) => bright(x, y)));
  const down = Array.from({ length: width }, (_, x) => rangeOf(height, (y) => bright(x, y)));
  const between = (at: number, [first, last]: readonly [number, number]): boolean => at >= first && at <= last;
  return Uint8Array.from({ length: width * height }, (_, i) => {
    const [x, y] = [i % width, Math.floor(i / width)];
    return between(x, across[y]) && between(y, down[x]) ? 1 : 0;
  });
}

/** First and last of 0 to count - 1 that hold; an empty range where none does. */
function rangeOf(count: number, holds: (at: number) => boolean): [first: number, last: number] {
  let [first, last] = [count, -1];
  for (let at = 0; at < count; at++)
    if (holds(at)) {
      first = Math.min(first, at);
      last = at;
    }
  return [first, last];
}

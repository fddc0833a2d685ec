// The parts of a picture that a score rests on: occlusion sensitivity (Zeiler and Fergus 2014, "Visualizing and understanding convolutional networks").
// A square patch of the picture's mean brain grey is laid over one place after another, and the map is how much the log-odds of a finding fall. It
// needs forward passes alone, and its resolution is the patch's, whatever the network's last map.
import type { Picture } from "../dataset/image.ts";
import { logOdds } from "../statistics/confusion.ts";
import { scorePictures, type Scoring } from "./evaluate.ts";

/** Cells along a side of the map; a patch is two cells wide and centred on its cell. */
export const CELLS = 16;
/** Darker is air, brighter is bone, of 0 to 255. */
const AIR = 25;
const BONE = 230;

/** The map of one picture. Cells cover the middle crop that the network sees. */
export interface Occlusion {
  /** By how much covering the cell and its surroundings lowers the log-odds of a finding, [CELLS, CELLS]; 0 where the head is not. */
  readonly falls: Float32Array;
  /** Cells that were covered, in order: those of the head. */
  readonly covered: readonly number[];
  /** The cell with the largest fall, the first of equals; null where no patch lowers the log-odds. */
  readonly peak: number | null;
}

/** Patches of the picture's middle crop; all sides in pixels. */
export interface Patches {
  readonly crop: number;
  readonly patch: number;
  readonly step: number;
}

/** At the quick study's 64 pixels: patches of 8 in steps of 4. */
export const patchesOf = (crop: number): Patches => ({ crop, patch: (2 * crop) / CELLS, step: crop / CELLS });

/** Maps of pictures of the network's stored size, and how many forward passes they took. A picture's map does not depend on the others. */
export async function occlude(
  scoring: Scoring,
  pictures: readonly Picture[],
  crop: number,
): Promise<{ readonly maps: Occlusion[]; readonly passes: number }> {
  const maps: Occlusion[] = [];
  let passes = 0;
  for (const picture of pictures) {
    const covered = headCells(picture, crop);
    const grey = brainGrey(picture);
    const views = [picture, ...covered.map((cell) => coverCell(picture, crop, cell, grey))];
    const [whole, ...rest] = (await scorePictures(scoring, views)).map(findingLogOdds);
    passes += views.length;
    const falls = new Float32Array(CELLS * CELLS);
    for (const [i, cell] of covered.entries()) falls[cell] = whole - rest[i];
    const most = covered.reduce((best, cell) => (best < 0 || falls[cell] > falls[best] ? cell : best), -1);
    maps.push({ falls, covered, peak: most >= 0 && falls[most] > 0 ? most : null });
  }
  return { maps, passes };
}

const findingLogOdds = ([none, ...findings]: readonly number[]): number =>
  logOdds(
    findings.reduce((sum, p) => sum + p, 0),
    none,
  );

/** Pixels [from, to) of a patch along one axis of the stored picture, cut at the crop's edge. */
function extent(cell: number, side: number, crop: number): [from: number, to: number] {
  const { patch, step } = patchesOf(crop);
  const margin = Math.floor((side - crop) / 2);
  const centre = (cell + 0.5) * step;
  const within = (at: number): number => margin + Math.min(crop, Math.max(0, Math.round(at)));
  return [within(centre - patch / 2), within(centre + patch / 2)];
}

/** Calls `visit` with the index of each pixel under the patch of a cell. */
function eachPixel({ width, height }: Picture, crop: number, cell: number, visit: (pixel: number) => void): void {
  const [left, right] = extent(cell % CELLS, width, crop);
  const [top, bottom] = extent(Math.floor(cell / CELLS), height, crop);
  for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) visit(y * width + x);
}

function coverCell(picture: Picture, crop: number, cell: number, grey: readonly number[]): Picture {
  const { channels } = picture;
  const data = picture.data.slice();
  eachPixel(picture, crop, cell, (pixel) => data.set(grey, pixel * channels));
  return { ...picture, data };
}

/** Mean of each channel over the pixels that are neither air nor bone, rounded. */
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
function headCells(picture: Picture, crop: number): number[] {
  const head = headOf(picture);
  return Array.from({ length: CELLS * CELLS }, (_, cell) => cell).filter((cell) => {
    let [inside, all] = [0, 0];
    eachPixel(picture, crop, cell, (pixel) => {
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

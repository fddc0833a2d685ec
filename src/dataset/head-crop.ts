// The head fills the picture: a square cut out around the box of the head, before anything is resized. A scanner's field of view is wider than the
// head, and a small network's pixels are few. The same rule serves training, scoring and single pictures; only whole numbers decide.
import { AIR_HU } from "../dicom/window.ts";
import type { Image } from "./image.ts";

/** Rows and columns of the head, the last ones excluded. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** Bone, in Hounsfield units: a headrest is softer. */
const BONE_HU = 200;
/** Tissue of a picture that somebody has windowed already, from 0 to 255. A headrest may be as bright, but air lies between it and the head. */
const BRIGHT = 25;
/** A row or column of the head shows this share of such pixels at least: two walls of skull. Specks do not. */
const LEAST_SHARE = 0.02;
/** A box with a side below this share of the picture's is no head. */
const SMALLEST_SIDE = 0.3;

/**
 * The box of the rows and columns that show enough bone; where there is no unit, enough of the largest connected bright region. Null where no head
 * is recognised.
 */
export function headBox(image: Image): Box | null {
  const { unit, width, height } = image;
  const mask = unit === "HU" ? brighterThan(image, BONE_HU) : largestRegion(brighterThan(image, BRIGHT), width);
  const rows = new Uint32Array(height);
  const columns = new Uint32Array(width);
  for (let y = 0, at = 0; y < height; y++)
    for (let x = 0; x < width; x++, at++) {
      rows[y] += mask[at];
      columns[x] += mask[at];
    }
  const inRow = (count: number): boolean => count > LEAST_SHARE * width;
  const inColumn = (count: number): boolean => count > LEAST_SHARE * height;
  const box = {
    left: columns.findIndex(inColumn),
    top: rows.findIndex(inRow),
    right: columns.findLastIndex(inColumn) + 1,
    bottom: rows.findLastIndex(inRow) + 1,
  };
  const isHead = box.right - box.left >= SMALLEST_SIDE * width && box.bottom - box.top >= SMALLEST_SIDE * height;
  return isHead ? box : null;
}

/** 1 where a pixel's brightest channel exceeds the threshold, else 0 [height, width]. */
function brighterThan({ width, height, channels, data }: Image, threshold: number): Uint8Array {
  const mask = new Uint8Array(width * height);
  for (let i = 0; i < data.length; i++) if (data[i] > threshold) mask[Math.floor(i / channels)] = 1;
  return mask;
}

/** The mask of the largest region whose pixels touch by their sides; of equal ones the first. */
function largestRegion(mask: Uint8Array, width: number): Uint8Array {
  const region = new Uint32Array(mask.length);
  let [largest, most, count] = [0, 0, 0];
  const stack: number[] = [];
  for (let start = 0; start < mask.length; start++) {
    if (mask[start] === 0 || region[start] > 0) continue;
    region[start] = ++count;
    stack.push(start);
    let size = 0;
    for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
      size++;
      const x = at % width;
      const neighbours = [x > 0 ? at - 1 : -1, x < width - 1 ? at + 1 : -1, at - width, at + width];
      for (const next of neighbours)
        if (next >= 0 && next < mask.length && mask[next] === 1 && region[next] === 0) {
          region[next] = count;
          stack.push(next);
        }
    }
    if (size > most) [largest, most] = [count, size];
  }
  return mask.map((value, i) => (value === 1 && region[i] === largest ? 1 : 0));
}

/** A square cut out of an image; parts of it may lie outside. */
export interface Square {
  readonly left: number;
  readonly top: number;
  readonly side: number;
}

/**
 * The square around the middle of the head's box that `cropToHead` cuts out; its side is `share` of the box's longer side, so that at 1 the head
 * touches the edges and below 1 the skull's ends are cut off. Null without a share, and where no head is recognised.
 */
export function headSquare(image: Image, share: number | undefined): Square | null {
  const box = share === undefined ? null : headBox(image);
  if (share === undefined || !box) return null;
  const side = Math.max(1, Math.round(share * Math.max(box.right - box.left, box.bottom - box.top)));
  return { left: Math.floor((box.left + box.right - side) / 2), top: Math.floor((box.top + box.bottom - side) / 2), side };
}

/** The image's part in `headSquare`; what lies outside the image is air. The image itself where there is no such square. */
export function cropToHead(image: Image, share: number | undefined): Image {
  const square = headSquare(image, share);
  if (!square) return image;
  const { left, top, side } = square;
  const { unit, width, height, channels } = image;
  const data = image.data instanceof Uint8Array ? new Uint8Array(side * side * channels) : new Float32Array(side * side * channels);
  if (unit === "HU") data.fill(AIR_HU);
  const from = Math.max(0, -left);
  const to = Math.min(side, width - left);
  for (let y = Math.max(0, -top); y < Math.min(side, height - top); y++) {
    const row = (top + y) * width + left;
    data.set(image.data.subarray((row + from) * channels, (row + to) * channels), (y * side + from) * channels);
  }
  return { ...(unit && { unit }), width: side, height: side, channels, data };
}

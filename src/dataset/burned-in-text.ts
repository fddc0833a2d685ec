// Whether text seems to be burned into a picture: a name in its corner goes wherever the picture goes, and a network can learn to read it.
// A suspicion for a person to look into, by rules of ours: small bright marks of one height, side by side on one line, in a dark corner.
import type { Pixels } from "./pixel-hash.ts";

/** A corner's part of the width and of the height: heads are round and leave corners free. */
const CORNER = [0.3, 0.2] as const;
const FEWEST_MARKS = 4;
const MARK_PIXELS = [5, 32] as const;
/** Fractions of the picture's range: a mark is above BRIGHT, the corner's ground below DARK. */
const BRIGHT = 0.6;
const DARK = 0.25;

interface Box {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** Looks at the four corners of a slice or a picture, [height, width, channels]. */
export function suspectsText(image: Pixels): boolean {
  const { width, height, data } = image;
  let [least, most] = [Infinity, -Infinity];
  for (const value of data) {
    if (value < least) least = value;
    if (value > most) most = value;
  }
  if (most === least) return false;
  const [w, h] = [Math.floor(width * CORNER[0]), Math.floor(height * CORNER[1])];
  for (const left of [0, width - w])
    for (const top of [0, height - h]) {
      const corner = cut(image, { left, top, right: left + w, bottom: top + h }, least, most - least);
      if (isDark(corner) && hasLine(marksIn(corner, w, h))) return true;
    }
  return false;
}

/** The first channel, as parts of the picture's range, [bottom - top, right - left]. */
function cut({ width, channels, data }: Pixels, { left, right, top, bottom }: Box, least: number, range: number): Float32Array {
  const part = new Float32Array((right - left) * (bottom - top));
  for (let y = top, to = 0; y < bottom; y++)
    for (let x = left; x < right; x++, to++) part[to] = (data[(y * width + x) * channels] - least) / range;
  return part;
}

const isDark = (corner: Float32Array): boolean => corner.filter((value) => value < DARK).length > corner.length * 0.6;

/** Bounding boxes of the bright connected parts, in eight directions, that are as high as letters and do not touch the corner's edge. */
function marksIn(corner: Float32Array, width: number, height: number): Box[] {
  const seen = new Uint8Array(corner.length);
  const marks: Box[] = [];
  for (let from = 0; from < corner.length; from++) {
    if (seen[from] || corner[from] < BRIGHT) continue;
    const box: Box = { left: width, right: 0, top: height, bottom: 0 };
    const stack = [from];
    seen[from] = 1;
    while (stack.length > 0) {
      const at = stack.pop() as number;
      const [x, y] = [at % width, Math.floor(at / width)];
      box.left = Math.min(box.left, x);
      box.right = Math.max(box.right, x);
      box.top = Math.min(box.top, y);
      box.bottom = Math.max(box.bottom, y);
      for (let v = Math.max(0, y - 1); v <= Math.min(height - 1, y + 1); v++)
        for (let u = Math.max(0, x - 1); u <= Math.min(width - 1, x + 1); u++) {
          const next = v * width + u;
          if (seen[next] || corner[next] < BRIGHT) continue;
          seen[next] = 1;
          stack.push(next);
        }
    }
    const tall = box.bottom - box.top + 1;
    const isLetter = tall >= MARK_PIXELS[0] && tall <= MARK_PIXELS[1] && box.right - box.left + 1 <= 1.5 * tall;
    if (isLetter) marks.push(box);
  }
  return marks;
}

/** Whether enough marks stand on one line, near to one another and about as high. */
function hasLine(marks: readonly Box[]): boolean {
  const sorted = marks.toSorted((a, b) => a.left - b.left);
  return sorted.some((first) => {
    const tall = first.bottom - first.top + 1;
    let [count, end] = [1, first.right];
    for (const { left, right, top, bottom } of sorted) {
      const alike = Math.abs(bottom - first.bottom) <= 2 && Math.abs(bottom - top + 1 - tall) <= 2;
      if (left <= end || !alike || left - end > 2 * tall) continue;
      count++;
      end = right;
    }
    return count >= FEWEST_MARKS;
  });
}

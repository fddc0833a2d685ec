// A name for an image's pixels, the same however they are stored: in any lossless format, byte order or transfer syntax, upright, mirrored or
// turned by quarters. Two images with one name are one image. Other windows, sizes and lossy copies have other pixels, and other names.
import { sha256Hex } from "../tensor/sha256.ts";

/** Hounsfield units or grey values, [height, width, channels]. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  readonly data: Uint8Array | Float32Array;
}

/** Padding and what a scanner writes outside its circle differ from file to file; values below air are clipped. */
const LOWEST = -1024;
const HIGHEST = 3071;

/** 24 hexadecimal digits; null for an image of one value, which identifies no case. */
export function pixelHash(image: Pixels): string | null {
  const values = wordsOf(image);
  if (values.every((value) => value === values[0])) return null;
  const { width, height } = image;
  const { start, along, down, inner } = firstReading(values, width, height);
  // The four accumulators of xxHash32 (Y. Collet), kept apart: quick, and 128 bits of state before they are digested.
  const lanes = [0x24234428, 0x85ebca77, 0x00000000, 0x61c8864f];
  let count = 0;
  for (let outer = 0, row = start; outer < values.length / inner; outer++, row += down) {
    for (let i = 0, at = row; i < inner; i++, at += along) {
      const lane = count++ & 3;
      const mixed = (lanes[lane] + Math.imul(values[at], 0x85ebca77)) | 0;
      lanes[lane] = Math.imul((mixed << 13) | (mixed >>> 19), 0x9e3779b1);
    }
  }
  return sha256Hex(`pixels ${inner} ${count} ${lanes.join(" ")}`, 24);
}

/** One whole number per pixel. Colour whose channels are equal is grey. */
function wordsOf({ width, height, channels, data }: Pixels): Int32Array {
  const words = new Int32Array(width * height);
  if (channels === 1) {
    for (let i = 0; i < words.length; i++) words[i] = Math.round(Math.min(Math.max(data[i], LOWEST), HIGHEST));
    return words;
  }
  let coloured = false;
  for (let i = 0; i < words.length; i++) {
    const [red, green, blue] = [data[3 * i], data[3 * i + 1], data[3 * i + 2]];
    coloured ||= red !== green || green !== blue;
    words[i] = (red << 16) | (green << 8) | blue;
  }
  if (!coloured) for (let i = 0; i < words.length; i++) words[i] &= 255;
  return words;
}

/** A way to read a rectangle's pixels: where it starts, the step inside a line and from line to line, and how long a line is. */
interface Reading {
  readonly start: number;
  readonly along: number;
  readonly down: number;
  readonly inner: number;
}

/** Returns the first in order of the readings that mirrors and quarter turns give: eight for a square, else the four with short lines. */
function firstReading(values: Int32Array, width: number, height: number): Reading {
  const readings: Reading[] = [];
  for (const [across, up] of [
    [1, 1],
    [-1, 1],
    [1, -1],
    [-1, -1],
  ]) {
    const start = (across < 0 ? width - 1 : 0) + (up < 0 ? (height - 1) * width : 0);
    if (width <= height) readings.push({ start, along: across, down: up * width, inner: width });
    if (height <= width) readings.push({ start, along: up * width, down: across, inner: height });
  }
  return readings.reduce((first, other) => (isBefore(values, other, first) ? other : first));
}

function isBefore(values: Int32Array, a: Reading, b: Reading): boolean {
  for (let outer = 0; outer < values.length / a.inner; outer++) {
    let [inA, inB] = [a.start + outer * a.down, b.start + outer * b.down];
    for (let i = 0; i < a.inner; i++, inA += a.along, inB += b.along) {
      if (values[inA] !== values[inB]) return values[inA] < values[inB];
    }
  }
  return false;
}

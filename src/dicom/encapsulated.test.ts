// Fragments in every arrangement that files have, and damaged.
import { expect, test } from "vitest";
import { encapsulate, frameStreams } from "./encapsulated.ts";

const word = (value: number): number[] => [value & 255, (value >> 8) & 255, (value >> 16) & 255, value >>> 24];
const item = (...content: number[]): number[] => [0xfe, 0xff, 0x00, 0xe0, ...word(content.length), ...content];
const END = [0xfe, 0xff, 0xdd, 0xe0, 0, 0, 0, 0];
const pixels = (table: number[], ...fragments: number[][]): Uint8Array =>
  Uint8Array.from([...item(...table.flatMap(word)), ...fragments.flatMap((fragment) => item(...fragment)), ...END]);
const read = (bytes: Uint8Array, frames: number, extended: Uint8Array | null = null): number[][] =>
  frameStreams(bytes, 0, frames, "jpeg", extended).map((stream) => [...stream]);

/** Two code streams in two fragments each: offsets 0, 12, 24 and 36. */
const FRAGMENTS = [
  [0xff, 0xd8, 1, 2],
  [3, 0xff, 0xd9, 0],
  [0xff, 0xd8, 4, 5],
  [6, 7, 0xff, 0xd9],
];
const FRAMES = [FRAGMENTS.slice(0, 2).flat(), FRAGMENTS.slice(2).flat()];

test("all fragments belong to a single frame", () => {
  expect(read(pixels([], ...FRAGMENTS), 1)).toEqual([FRAGMENTS.flat()]);
  expect(read(pixels([0], ...FRAGMENTS), 1)).toEqual([FRAGMENTS.flat()]);
});

test("an offset table says where frames start", () => {
  expect(read(pixels([0, 24], ...FRAGMENTS), 2)).toEqual(FRAMES);
});

test("an extended offset table does where the basic one is empty", () => {
  expect(read(pixels([], ...FRAGMENTS), 2, Uint8Array.from([...word(0), ...word(0), ...word(24), ...word(0)]))).toEqual(FRAMES);
});

test("without a table a fragment is a frame, if there are as many", () => {
  expect(read(pixels([], ...FRAGMENTS), 4)).toEqual(FRAGMENTS);
});

test("without a table frames start where code streams do", () => {
  expect(read(pixels([], ...FRAGMENTS), 2)).toEqual(FRAMES);
  expect(() => read(pixels([], ...FRAGMENTS), 3)).toThrow("expected 3 frames, got 2 among 4 fragments");
});

test("what looks like a start within a frame is none, unless the fragment before ended", () => {
  const within = [[0xff, 0xd8, 1, 2], [0xff, 0xd8, 3, 4], [0, 0, 0xff, 0xd9], FRAMES[1]];
  expect(read(pixels([], ...within), 2)).toEqual([within.slice(0, 3).flat(), FRAMES[1]]);
});

test.each([
  ["an offset between fragments", pixels([0, 20], ...FRAGMENTS), 2, "entry 2 is not the start of a fragment"],
  ["offsets that go back", pixels([24, 0], ...FRAGMENTS), 2, "entry 1 is not the start"],
  ["too many offsets", pixels([0, 12, 24], ...FRAGMENTS), 2, "expected 2 frames, got 3"],
  ["no fragments", pixels([]), 1, "have no fragments"],
  ["no end", pixels([], ...FRAGMENTS).subarray(0, 56), 1, "have no end"],
  ["a fragment past the end", pixels([], ...FRAGMENTS).subarray(0, 54), 1, "is 4 bytes long, but 2 are left"],
  ["another element", Uint8Array.from([...item(), 8, 0, 0, 0, 0, 0, 0, 0]), 1, "expected a fragment (FFFE,E000) at byte 8"],
])("%s is an error", (_, bytes, frames, message) => {
  expect(() => read(bytes, frames)).toThrow(message);
});

test("RLE frames are never split by markers", () => {
  expect(() => frameStreams(pixels([], ...FRAGMENTS), 0, 2, "rle", null)).toThrow("expected one fragment per frame");
});

test("very many empty fragments end early", () => {
  const bytes = new Uint8Array(8 * 100_000);
  for (let at = 0; at < bytes.length; at += 8) bytes.set([0xfe, 0xff, 0x00, 0xe0], at);
  expect(() => read(bytes, 1)).toThrow("more than 65536 fragments");
});

test("what is written is read", () => {
  for (const codeStream of [
    [1, 2, 3, 4],
    [1, 2, 3],
  ])
    expect(read(encapsulate(Uint8Array.from(codeStream)), 1)).toEqual([codeStream.length % 2 === 0 ? codeStream : [...codeStream, 0]]);
});

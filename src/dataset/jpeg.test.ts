// JPEG as libjpeg reads it: colours, chroma at half the size, orientation, what follows the end, and what costs too much.
import { createRequire } from "node:module";
import { encode } from "jpeg-js";
import { describe, expect, test } from "vitest";
import { decodeJpeg } from "./jpeg.ts";

interface Codec {
  getDecodedBuffer(info?: object): Uint8Array;
  getEncodedBuffer(length?: number): Uint8Array;
  setQuality(quality: number): void;
  setSubSampling(how: number): void;
  setProgressive(progressive: boolean): void;
  encode(): void;
  decode(): void;
}

/** libjpeg-turbo, which decodes DICOM's JPEG. */
const libjpeg = (): Promise<Record<"JPEGEncoder" | "JPEGDecoder", new () => Codec>> =>
  (
    createRequire(import.meta.url)("@cornerstonejs/codec-libjpeg-turbo-8bit/wasmjs") as (
      options: object,
    ) => Promise<Record<"JPEGEncoder" | "JPEGDecoder", new () => Codec>>
  )({ print() {}, printErr() {} });

const meanDifference = (a: Uint8Array, b: Uint8Array): number =>
  a.reduce((sum, value, i) => sum + Math.abs(value - b[i]), 0) / Math.max(1, b.length);

describe("chroma is interpolated as libjpeg does", () => {
  test.each([
    ["4:4:4", 0, 0.5],
    ["4:2:2", 1, 0.5],
    ["4:2:0", 2, 0.5],
    ["4:4:0", 4, 0.5],
    ["4:1:1", 5, 2],
  ])("%s, sides even and odd", async (_, subSampling, most) => {
    const { JPEGEncoder, JPEGDecoder } = await libjpeg();
    for (const [width, height] of [
      [48, 40],
      [47, 39],
    ]) {
      const encoder = new JPEGEncoder();
      const source = encoder.getDecodedBuffer({ width, height, bitsPerSample: 8, componentCount: 3, isSigned: false });
      for (let y = 0, at = 0; y < height; y++)
        for (let x = 0; x < width; x++, at += 3)
          source.set([(255 * x) / width, (255 * y) / height, 127 + 100 * Math.sin(x / 3) * Math.cos(y / 2)], at);
      encoder.setQuality(90);
      encoder.setSubSampling(subSampling);
      encoder.setProgressive(false);
      encoder.encode();
      const file = new Uint8Array(encoder.getEncodedBuffer());
      const decoder = new JPEGDecoder();
      decoder.getEncodedBuffer(file.length).set(file);
      decoder.decode();
      const { picture } = await decodeJpeg(file);
      expect([picture.width, picture.height, picture.channels]).toEqual([width, height, 3]);
      expect(meanDifference(picture.data, new Uint8Array(decoder.getDecodedBuffer()))).toBeLessThan(most);
    }
  });
});

/** Flat; its luma and chroma are 140, 120, 130. */
const flat = new Uint8Array(
  encode({ width: 16, height: 16, data: new Uint8Array(1024).map((_, i) => [143, 141, 126, 255][i % 4]) }, 100).data,
);
const COMPONENTS = [140, 120, 130];
const RGB = [143, 141, 126];
const APP0_END = 20;
const adobe = (transform: number): number[] => [0xff, 0xee, 0, 14, ...Buffer.from("Adobe"), 0, 100, 0, 0, 0, 0, transform];

/** The file with other segments in place of JFIF's, and other names of its components. */
function relabelled(segments: readonly number[], ids: readonly number[] = [1, 2, 3]): Uint8Array {
  const file = Uint8Array.from([0xff, 0xd8, ...segments, ...flat.subarray(APP0_END)]);
  for (const [marker, from, step] of [
    [0xc0, 10, 3],
    [0xda, 5, 2],
  ]) {
    const at = file.findIndex((byte, i) => byte === 0xff && file[i + 1] === marker);
    ids.forEach((id, i) => void (file[at + from + step * i] = id));
  }
  return file;
}

const jfif = Array.from(flat.subarray(2, APP0_END));
const RGB_IDS = Array.from(Buffer.from("RGB"));

describe("a file says whether its components are red, green and blue", () => {
  test.each([
    ["JFIF", relabelled(jfif), RGB],
    ["Adobe's transform 1", relabelled(adobe(1)), RGB],
    ["Adobe's transform 0", relabelled(adobe(0)), COMPONENTS],
    ["components R, G and B", relabelled([], RGB_IDS), COMPONENTS],
    ["neither", relabelled([]), RGB],
    ["JFIF before Adobe's transform 0, as libjpeg reads it", relabelled([...jfif, ...adobe(0)]), RGB],
    ["JFIF before components R, G and B", relabelled(jfif, RGB_IDS), RGB],
  ])("%s", async (_, file, wanted) => {
    const { picture } = await decodeJpeg(file);
    expect(
      meanDifference(
        picture.data,
        picture.data.map((__, i) => wanted[i % 3]),
      ),
    ).toBeLessThan(1.5);
  });
});

/** Grey, its left half dark and its upper half a little brighter than the lower. */
const corners = new Uint8Array(
  encode(
    {
      width: 32,
      height: 16,
      data: new Uint8Array(2048).map((_, i) => (i % 4 === 3 ? 255 : ((i >> 2) % 32 < 16 ? 20 : 200) + (i < 1024 ? 40 : 0))),
    },
    100,
  ).data,
);

function withOrientation(orientation: number, order: "II" | "MM" = "MM"): Uint8Array {
  const tiff =
    order === "MM"
      ? [77, 77, 0, 42, 0, 0, 0, 8, 0, 1, 1, 18, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0]
      : [73, 73, 42, 0, 8, 0, 0, 0, 1, 0, 18, 1, 3, 0, 1, 0, 0, 0, orientation, 0, 0, 0];
  const body = [...Buffer.from("Exif\0\0"), ...tiff, 0, 0, 0, 0];
  return Uint8Array.from([0xff, 0xd8, 0xff, 0xe1, 0, body.length + 2, ...body, ...corners.subarray(2)]);
}

describe("EXIF orientation", () => {
  /** Grey levels of the four corners, clockwise from the upper left. */
  const cornersOf = ({ width, height, data }: { width: number; height: number; data: Uint8Array }): number[] =>
    [0, width - 1, height * width - 1, (height - 1) * width].map((pixel) => Math.round(data[3 * pixel] / 20) * 20);

  test.each([
    [1, [60, 240, 200, 20], [32, 16]],
    [2, [240, 60, 20, 200], [32, 16]],
    [3, [200, 20, 60, 240], [32, 16]],
    [4, [20, 200, 240, 60], [32, 16]],
    [5, [60, 20, 200, 240], [16, 32]],
    [6, [20, 60, 240, 200], [16, 32]],
    [7, [200, 240, 60, 20], [16, 32]],
    [8, [240, 200, 20, 60], [16, 32]],
  ])("%i: the picture is turned, and says so", async (orientation, wanted, size) => {
    for (const order of ["II", "MM"] as const) {
      const { picture, notes } = await decodeJpeg(withOrientation(orientation, order));
      expect(cornersOf(picture)).toEqual(wanted);
      expect([picture.width, picture.height]).toEqual(size);
      expect(notes).toEqual(orientation === 1 ? [] : [`turned as its EXIF orientation (${orientation}) says`]);
    }
  });

  test.each([0, 9])("%i means nothing", async (orientation) => {
    expect(await decodeJpeg(withOrientation(orientation))).toEqual(await decodeJpeg(corners));
  });
});

test("what follows the end is no part of the picture", async () => {
  const markers = Array.from({ length: 300 }, () => [0xff, 0xda, 0, 8, 0xff, 0xe1]).flat();
  expect(await decodeJpeg(Uint8Array.from([...flat, ...markers]))).toEqual(await decodeJpeg(flat));
});

describe("cost and damage", () => {
  const frameAt = flat.findIndex((byte, i) => byte === 0xff && flat[i + 1] === 0xc0);
  const sized = (width: number, height: number): Uint8Array => {
    const file = flat.slice();
    file.set([height >> 8, height & 255, width >> 8, width & 255], frameAt + 5);
    return file;
  };
  const scanAt = flat.findIndex((byte, i) => byte === 0xff && flat[i + 1] === 0xda);
  const scans = (count: number, width: number, height: number): Uint8Array => {
    const file = sized(width, height);
    return Uint8Array.from([
      ...file.subarray(0, scanAt),
      ...Array.from({ length: count }, () => [...file.subarray(scanAt, -2)]).flat(),
      ...new Uint8Array(10_000),
      0xff,
      0xd9,
    ]);
  };

  test.each([
    ["over 2^24 pixels", sized(4200, 4000), "JPEG of 4200 x 4000 has over 16777216 pixels: make it smaller"],
    ["few bytes for its pixels", sized(4000, 4000), /^JPEG of 4000 x 4000 cannot fit in \d+ bytes$/],
    ["101 scans", scans(101, 16, 16), "JPEG has 101 scans, over the limit of 100: save it as baseline"],
    ["many scans of a large picture", scans(70, 2200, 2000), "JPEG of 2200 x 2000 has 70 scans: save it as baseline"],
    [
      "a table that is not there",
      flat.map((byte, i) => (i > scanAt && i < scanAt + 12 && byte === 0x11 ? 0x33 : byte)),
      "JPEG is damaged: its data cannot be decoded",
    ],
  ])("%s: refused in plain words", async (_, file, message) => await expect(decodeJpeg(file)).rejects.toThrow(message));
});

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { crc32, deflateSync, inflateRawSync } from "node:zlib";
import * as fc from "fast-check";
import { encode as encodePng } from "fast-png";
import { encode as encodeJpeg } from "jpeg-js";
import { describe, expect, test } from "vitest";
import type { Picture } from "./image.ts";
import { decodePicture, readPicture, sniff } from "./picture.ts";

fc.configureGlobal({ seed: 1710 });

const inflate = async (bytes: Uint8Array, limitBytes: number): Promise<Uint8Array> =>
  new Uint8Array(inflateRawSync(bytes, { maxOutputLength: Math.max(1, limitBytes) }));

const read = (bytes: Uint8Array): Promise<Picture> => readPicture(bytes, "p.img", { inflate });

/** A PNG from its header fields and its filtered rows, for what encoders do not write. */
function pngFile(
  width: number,
  height: number,
  depth: number,
  colour: number,
  rows: number[],
  more: { interlace?: number; chunks?: Buffer[] } = {},
): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([depth, colour, 0, 0, more.interlace ?? 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const data = chunk("IDAT", deflateSync(Uint8Array.from(rows)));
  return Buffer.concat([signature, chunk("IHDR", header), ...(more.chunks ?? []), data, chunk("IEND", Buffer.alloc(0))]);
}

function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const whole = Buffer.alloc(body.length + 8);
  whole.writeUInt32BE(data.length, 0);
  whole.set(body, 4);
  whole.writeUInt32BE(crc32(body), body.length + 4);
  return whole;
}

describe("PNG", () => {
  test("a second header, which no limit has been held against, is refused", async () => {
    const header = Buffer.alloc(13);
    header.writeUInt32BE(2, 0);
    header.writeUInt32BE(2 ** 31, 4);
    header[8] = 8;
    const file = pngFile(2, 2, 8, 0, [0, 1, 2, 0, 3, 4], { chunks: [chunk("IHDR", header)] });
    await expect(read(file)).rejects.toThrow("p.img: PNG has more than one header (IHDR)");
  });

  const four = Uint8Array.from([0, 100, 200, 255]);

  test.each([
    ["grey", 1, 8, four, 1, [0, 100, 200, 255]],
    ["16-bit grey, rounded", 1, 16, Uint16Array.from([0, 128, 129, 65535]), 1, [0, 0, 1, 255]],
    ["grey with alpha, on white", 2, 8, Uint8Array.from([1, 0, 2, 0, 3, 9, 4, 255]), 1, [255, 255, 246, 4]],
    ["colour", 3, 8, Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]), 3, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]],
    [
      "colour with alpha, on white",
      4,
      8,
      Uint8Array.from([1, 2, 3, 0, 4, 5, 6, 9, 7, 8, 9, 0, 10, 11, 12, 255]),
      3,
      [255, 255, 255, 246, 246, 246, 255, 255, 255, 10, 11, 12],
    ],
  ] as const)("%s", async (_, from, depth, data, channels, pixels) => {
    const file = encodePng({ width: 2, height: 2, channels: from, depth, data });
    const picture = await read(file);
    expect(picture).toEqual({ width: 2, height: 2, channels, data: Uint8Array.from(pixels) });
  });

  test("interlaced grey", async () => {
    const data = Uint8Array.from({ length: 25 }, (_, i) => i * 10);
    expect(await read(encodePng({ width: 5, height: 5, channels: 1, depth: 8, data }, { interlace: "Adam7" }))).toMatchObject({ data });
  });

  describe("interlaced", () => {
    /** The seven passes of samples [height, width] of `depth` bits, each row by the filter of its number, from 0 to 4 in turn. */
    function passes(samples: readonly (readonly number[])[], depth: number): number[] {
      const bytes: number[] = [];
      const [height, width] = [samples.length, samples[0].length];
      let filter = 0;
      for (const [left, top, across, down] of [
        [0, 0, 8, 8],
        [4, 0, 8, 8],
        [0, 4, 4, 8],
        [2, 0, 4, 4],
        [0, 2, 2, 4],
        [1, 0, 2, 2],
        [0, 1, 1, 2],
      ]) {
        let above: number[] | null = null;
        for (let y = top; y < height; y += down) {
          const row: number[] = [];
          for (let x = left, bit = 0; x < width; x += across, bit += depth) {
            row[bit >> 3] = (row[bit >> 3] ?? 0) | (samples[y][x] << (8 - depth - (bit & 7)));
          }
          if (row.length === 0) continue;
          const up: number[] = above ?? row.map(() => 0);
          const guess = (i: number): number => {
            const [a, b, c] = [row[i - 1] ?? 0, up[i], up[i - 1] ?? 0];
            const near = [a, b, c].map((value) => Math.abs(a + b - c - value));
            const paeth = near[0] <= near[1] && near[0] <= near[2] ? a : near[1] <= near[2] ? b : c;
            return [0, a, b, Math.floor((a + b) / 2), paeth][filter];
          };
          bytes.push(filter, ...row.map((value, i) => (value - guess(i)) & 255));
          above = row;
          filter = (filter + 1) % 5;
        }
      }
      return bytes;
    }

    test.each([1, 2, 4])("grey of %i bits, sides of 1 to 33", async (depth) => {
      for (const [width, height] of [
        [1, 1],
        [3, 2],
        [8, 8],
        [33, 21],
      ]) {
        const most = 2 ** depth - 1;
        const samples = Array.from({ length: height }, (_, y) =>
          Array.from({ length: width }, (__, x) => (x * 7 + y * 5 + ((x * y) >> 2)) & most),
        );
        const { data } = await read(pngFile(width, height, depth, 0, passes(samples, depth), { interlace: 1 }));
        expect(Array.from(data)).toEqual(samples.flat().map((value) => Math.round((255 * value) / most)));
      }
    });

    test("a palette, one colour of it transparent", async () => {
      const chunks = [chunk("PLTE", Uint8Array.from([1, 2, 3, 4, 5, 6])), chunk("tRNS", Uint8Array.from([0]))];
      const file = pngFile(2, 1, 1, 3, passes([[1, 0]], 1), { interlace: 1, chunks });
      expect(await read(file)).toMatchObject({ channels: 3, data: Uint8Array.from([4, 5, 6, 255, 255, 255]) });
    });
  });

  test("a palette of 2 bits, and grey of 1 and 4 bits", async () => {
    const palette = chunk("PLTE", Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8, 9]));
    // Three pixels per row, 2 bits each: 2 1 0, then 0 1 2.
    const indexed = pngFile(3, 2, 2, 3, [0, 0b10_01_00_00, 0, 0b00_01_10_00], { chunks: [palette] });
    expect(await read(indexed)).toEqual({
      width: 3,
      height: 2,
      channels: 3,
      data: Uint8Array.from([7, 8, 9, 4, 5, 6, 1, 2, 3, 1, 2, 3, 4, 5, 6, 7, 8, 9]),
    });
    expect(await read(pngFile(3, 1, 1, 0, [0, 0b1010_0000]))).toEqual({
      width: 3,
      height: 1,
      channels: 1,
      data: Uint8Array.from([255, 0, 255]),
    });
    expect(await read(pngFile(2, 1, 4, 0, [0, 0x3f]))).toEqual({ width: 2, height: 1, channels: 1, data: Uint8Array.from([51, 255]) });
  });

  test("a transparent colour, of a palette, of grey and of red, green and blue, is laid on white, and the file says so", async () => {
    const palette = chunk("PLTE", Uint8Array.from([1, 2, 3, 4, 5, 6]));
    const indexed = pngFile(2, 1, 8, 3, [0, 0, 1], { chunks: [palette, chunk("tRNS", Uint8Array.from([0]))] });
    const grey = pngFile(2, 1, 8, 0, [0, 7, 8], { chunks: [chunk("tRNS", Uint8Array.from([0, 7]))] });
    const few = pngFile(2, 1, 4, 0, [0, 0x78], { chunks: [chunk("tRNS", Uint8Array.from([0, 7]))] });
    const colour = pngFile(3, 1, 8, 2, [0, 1, 2, 3, 1, 2, 4, 0, 0, 0], { chunks: [chunk("tRNS", Uint8Array.from([0, 1, 0, 2, 0, 3]))] });
    const notes = ["transparent: laid on white"];
    for (const [file, data] of [
      [indexed, [255, 255, 255, 4, 5, 6]],
      [grey, [255, 8]],
      [few, [255, 136]],
      [colour, [255, 255, 255, 1, 2, 4, 0, 0, 0]],
    ] as const)
      expect(await decodePicture(file, "p.png", { inflate })).toMatchObject({ picture: { data: Uint8Array.from(data) }, notes });
    expect((await decodePicture(pngFile(1, 1, 8, 4, [0, 7, 255]), "p.png", { inflate })).notes).toEqual([]);
  });

  test("an orientation is obeyed", async () => {
    const exif = chunk("eXIf", Buffer.from([77, 77, 0, 42, 0, 0, 0, 8, 0, 1, 1, 18, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0]));
    const { picture, notes } = await decodePicture(pngFile(2, 1, 8, 0, [0, 1, 2], { chunks: [exif] }), "p.png", { inflate });
    expect(picture).toEqual({ width: 1, height: 2, channels: 1, data: Uint8Array.from([1, 2]) });
    expect(notes).toEqual(["turned as its EXIF orientation (6) says"]);
  });

  test.each([
    ["a CT slice, HU + 1024", [0, 1024, 1064, 2400], ["uses 4 % of its 16-bit range: 3 grey levels remain"]],
    ["three levels", [0, 3, 255], ["uses 1 % of its 16-bit range: 2 grey levels remain"]],
    ["the whole range", [0, 40_000, 65_535], []],
    ["a quarter of it, from the middle", [30_000, 47_000], []],
    ["one value, which says nothing", [5, 5, 5], []],
  ])("16 bits that hold %s", async (_, values, warnings) => {
    const file = encodePng({ width: values.length, height: 1, channels: 1, depth: 16, data: Uint16Array.from(values) });
    const decoded = await decodePicture(file, "p.png", { inflate });
    expect(decoded.warnings).toEqual(warnings);
    expect(decoded.stored).toEqual(Uint16Array.from(values));
  });

  test("a palette that a colour file only suggests is left alone", async () => {
    const palette = chunk("PLTE", Uint8Array.from([9, 9, 9]));
    expect(await read(pngFile(1, 1, 8, 2, [0, 1, 2, 3], { chunks: [palette] }))).toMatchObject({
      channels: 3,
      data: Uint8Array.from([1, 2, 3]),
    });
  });

  test("an embedded colour profile is not even inflated", async () => {
    const profile = chunk("iCCP", Uint8Array.from([65, 0, 0, 1, 2, 3, 4]));
    expect(await read(pngFile(1, 1, 8, 0, [0, 7], { chunks: [profile] }))).toMatchObject({ data: Uint8Array.from([7]) });
  });

  test.each([
    ["too wide", pngFile(10_001, 1, 8, 0, [0]), "p.img: PNG of 10001 x 1: expected 1 to 10000 pixels per side"],
    ["empty", pngFile(0, 1, 8, 0, [0]), "PNG of 0 x 1: expected 1 to 10000 pixels per side"],
    ["too much", pngFile(10_000, 10_000, 8, 0, [0]), "PNG of 10000 x 10000 has over 40000000 pixels: make it smaller"],
    ["too many bytes", pngFile(6000, 6000, 8, 6, [0]), "has 144006000 bytes of pixels, over the limit of 134217728"],
    ["colour of 16 bits", pngFile(5000, 5000, 16, 2, [0]), "has 150005000 bytes of pixels"],
    ["fewer rows than promised", pngFile(4, 4, 8, 0, [0, 1, 2, 3, 4]), "p.img: PNG is cut off: its pixels take 20 bytes, but 5 are there"],
    ["more rows than promised", pngFile(1, 1, 8, 0, Array<number>(100_000).fill(0)), "p.img: "],
    [
      "an interlaced file of few bits whose checksum is damaged",
      pngFile(1, 1, 1, 0, [0, 0], { interlace: 1 }).fill(0, 29, 30),
      "the checksum of its chunk IHDR is wrong",
    ],
    [
      "an interlaced file of few bits with a filter that does not exist",
      pngFile(1, 1, 1, 0, [9, 0], { interlace: 1 }),
      "its filter 9 does not exist",
    ],
    ["an unknown colour type", pngFile(1, 1, 8, 5, [0, 0]), "colour type 5, which does not exist"],
    ["palette colours without a palette", pngFile(1, 1, 8, 3, [0, 0]), "palette colours but no palette (PLTE)"],
    ["a palette index beyond the palette", pngFile(1, 1, 8, 3, [0, 9], { chunks: [chunk("PLTE", Uint8Array.from([1, 2, 3]))] }), "p.img: "],
    ["a damaged checksum", pngFile(1, 1, 8, 0, [0, 7]).fill(0, 29, 30), "p.img: "],
  ])("%s is refused", async (_, file, message) => await expect(read(file)).rejects.toThrow(message));
});

interface FrameFields {
  readonly marker?: number;
  readonly precision?: number;
  readonly width?: number;
  readonly height?: number;
  readonly components?: number;
}

/** A grey baseline or progressive JPEG of two flat blocks, written bit by bit; its frame header may lie. */
function greyJpeg(progressive: boolean, fields: FrameFields = {}): Uint8Array {
  const { marker = progressive ? 0xc2 : 0xc0, precision = 8, width = 16, height = 8, components = 1 } = fields;
  const quantization = [0xff, 0xdb, 0, 67, 0, ...Array<number>(64).fill(8)];
  const frame = [0xff, marker, 0, 11, precision, height >> 8, height & 255, width >> 8, width & 255, components, 1, 0x11, 0];
  // DC codes 00 and 01 for differences of 7 and 8 bits; AC code 0 for the end of a block.
  const dcCodes = [0xff, 0xc4, 0, 21, 0x00, 0, 2, ...Array<number>(14).fill(0), 7, 8];
  const acCodes = [0xff, 0xc4, 0, 20, 0x10, 1, ...Array<number>(15).fill(0), 0];
  const scan = [0xff, 0xda, 0, 8, 1, 1, 0, 0, progressive ? 0 : 63, 0];
  // -100, then 200 more; each is 128 + DC after dequantization.
  const bits = progressive ? [0b00001101, 0b10111001, 0b00011111] : [0b00001101, 0b10011100, 0b10000111];
  return Uint8Array.from([0xff, 0xd8, ...quantization, ...frame, ...dcCodes, ...acCodes, ...scan, ...bits, 0xff, 0xd9]);
}

describe("JPEG", () => {
  const colour = (width: number, height: number): Uint8Array => {
    const data = new Uint8Array(width * height * 4).fill(255).map((_, i) => [200, 100, 50, 255][i % 4]);
    return new Uint8Array(encodeJpeg({ width, height, data }, 95).data);
  };

  test.each([
    ["baseline", false],
    ["progressive", true],
  ])("%s grey has one channel", async (_, progressive) => {
    const picture = await read(greyJpeg(progressive));
    expect(picture).toMatchObject({ width: 16, height: 8, channels: 1 });
    expect(Array.from(picture.data.slice(0, 16))).toEqual([...Array<number>(8).fill(28), ...Array<number>(8).fill(228)]);
  });

  test("colour keeps its order red, green, blue", async () => {
    const { channels, data } = await read(colour(9, 5));
    expect([channels, data.length]).toEqual([3, 135]);
    data.forEach((value, i) => expect(Math.abs(value - [200, 100, 50][i % 3])).toBeLessThan(4));
  });

  test.each([
    ["12 bits", greyJpeg(false, { precision: 12 }), "p.img: JPEG has 12 bits per sample, 8 are supported"],
    ["lossless", greyJpeg(false, { marker: 0xc3 }), "JPEG is lossless, hierarchical or arithmetic"],
    ["10,001 wide", greyJpeg(false, { width: 10_001 }), "JPEG of 10001 x 8: expected 1 to 10000 pixels per side"],
    [
      "100 million pixels in 150 bytes",
      greyJpeg(false, { width: 10_000, height: 10_000 }),
      "JPEG of 10000 x 10000 has over 40000000 pixels",
    ],
    ["components that its header has no room for", greyJpeg(false, { components: 4 }), "damaged frame header"],
    ["a cut", greyJpeg(false).slice(0, -2), "p.img: JPEG is cut off: it has no scan or no end"],
    ["a cut before the frame", greyJpeg(false).slice(0, 60), "JPEG is cut off"],
  ])("%s is refused", async (_, file, message) => await expect(read(file)).rejects.toThrow(message));

  const SHARED = process.env["STRIATUM_SHARED"] ?? join(import.meta.dirname, "../../../shared");
  const CAT = join(SHARED, "data/images/cat_gray.jpg");
  test.skipIf(!existsSync(CAT))("Caffe's grey cat has one channel", async () => {
    expect(await read(readFileSync(CAT))).toMatchObject({ width: 480, height: 360, channels: 1 });
  });
});

describe("damage", () => {
  const files = [
    ["png", encodePng({ width: 12, height: 9, channels: 3, depth: 8, data: new Uint8Array(324).map((_, i) => (i * 37) % 251) })],
    ["jpeg", new Uint8Array(encodeJpeg({ width: 24, height: 17, data: new Uint8Array(1632).map((_, i) => (i * 91) % 256) }, 80).data)],
  ] as const;

  test.each(files)("a %s with bytes changed or cut off is a picture or an error that names the file", async (_, file) => {
    const changes = fc.array(fc.tuple(fc.nat(file.length - 1), fc.nat(255)), { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(changes, fc.integer({ min: 0, max: file.length }), fc.boolean(), async (bytes, cut, whole) => {
        const damaged = file.slice(0, whole ? file.length : cut);
        for (const [at, value] of bytes) if (at < damaged.length) damaged[at] = value;
        const picture = await read(damaged).catch((error: Error) => {
          expect(error.message).toMatch(/^p\.img: ./);
          return null;
        });
        if (picture) expect(picture.data).toHaveLength(picture.width * picture.height * picture.channels);
      }),
      { numRuns: 300 },
    );
  });
});

test("files are recognized by their bytes", async () => {
  const dicom = new Uint8Array(140);
  dicom.set([0x44, 0x49, 0x43, 0x4d], 128);
  expect([sniff(greyJpeg(false)), sniff(pngFile(1, 1, 8, 0, [0, 0])), sniff(dicom), sniff(new Uint8Array(0))]).toEqual([
    "jpeg",
    "png",
    "dicom",
    "unknown",
  ]);
  await expect(read(dicom)).rejects.toThrow("p.img: is a DICOM file, neither PNG nor JPEG");
});

const bytesOf = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

test.each([
  ["RIFF\x10\0\0\0WEBPVP8 ", "a WebP picture: save it as PNG"],
  ["GIF89a", "a GIF picture"],
  ["II*\0", "a TIFF picture"],
  ["BM6\0", "a BMP picture"],
  ["\0\0\0\x18ftypheic", "a HEIC picture"],
  ["\0\0\0\x1cftypavif", "an AVIF picture"],
  ["\0\0\0\x14ftypqt  ", "a video"],
  ["\0\0\0\x0cjP  \r\n", "a JPEG 2000 picture"],
  ["\xff\x4f\xff\x51", "a JPEG 2000 picture"],
  ["version https://git-lfs.github.com/spec/v1\n", "a Git LFS pointer, not the file itself: fetch it with git lfs pull"],
  ["\n <!DOCTYPE html>", "a web page, not the file itself"],
  ["<svg xmlns=", "XML or SVG"],
  ["", "an empty file (0 bytes)"],
  ["read me", "neither PNG nor JPEG"],
])("a file that begins with %j is called what it is", async (start, what) => {
  await expect(read(bytesOf(start))).rejects.toThrow(`p.img: is ${what}`);
});

// Files of a case that are not CT images are left out with the reader's reason; damaged ones are errors; none is parsed twice.
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deflateRawSync, inflateRawSync } from "node:zlib";
import { encode as encodePng } from "fast-png";
import { describe, expect, test } from "vitest";
import { CT_IMAGE_STORAGE as CT } from "../dicom/dictionary.ts";
import { fileOf } from "../dicom/element-fixture.ts";
import { edit, fixture } from "../dicom/slice-fixture.ts";
import { writeCtSlice } from "../dicom/write-slice.ts";
import { nodeFiles } from "../platform/node-files.ts";
import { readCaseFiles } from "./case-files.ts";
import { memoryFiles } from "./dataset-fixture.ts";

const good = writeCtSlice(fixture());
let inflated = 0;

const readCase = (bytes: Uint8Array) =>
  readCaseFiles("case", "folder", {
    files: memoryFiles({ "case/0.dcm": bytes }),
    inflate: async (packed, maxOutputLength) => {
      inflated++;
      return inflateRawSync(packed, { maxOutputLength });
    },
  });

const noPreamble = (bytes: Uint8Array): Uint8Array => bytes.slice(144 + new DataView(bytes.buffer).getUint32(140, true));
const magnetic = edit(good, "SOPClassUID", "1.2.840.10008.5.1.4.1.1.4\0");

test.each([
  ["another SOP class", magnetic, "expected a CT image (CT Image Storage), got MR Image"],
  ["another SOP class, bare", noPreamble(magnetic), "expected a CT image (CT Image Storage), got MR Image"],
  ["another modality", edit(good, "Modality", "MR"), "expected CT in Modality (0008,0060), got something else"],
  ["another unit", edit(good, "RescaleType", "ED"), "RescaleType (0028,1054): expected HU, got another unit"],
  ["colour", edit(good, "SamplesPerPixel", 3), "expected one grey value per pixel, got 3 samples: colour is not Hounsfield units"],
  [
    "text in the pixels",
    fileOf({ SOPClassUID: CT, Modality: "CT", BurnedInAnnotation: "YES" }),
    "BurnedInAnnotation (0028,0301) is YES: text in the picture may name a patient",
  ],
  ["another format", new TextEncoder().encode("PK\x03\x04..."), "a zip archive: unpack it"],
  ["no format", new TextEncoder().encode("read me"), "neither DICOM nor PNG nor JPEG"],
  ["nothing", new Uint8Array(), "an empty file (0 bytes)"],
])("%s: left out", async (_, bytes, reason) => {
  expect(await readCase(bytes)).toMatchObject({ slices: [], leftOut: [{ file: "case/0.dcm", reason }], damaged: [] });
});

test.each([
  ["pixels cut off", good.subarray(0, good.length - 1), /^case\/0\.dcm: PixelData .* truncated\?$/],
  ["no rows", edit(good, "Rows", 0), /^case\/0\.dcm: Rows/],
  ["cut in the header", good.subarray(0, 300), /^case\/0\.dcm: /],
])("%s: damaged", async (_, bytes, message) => {
  const { leftOut, damaged } = await readCase(bytes);
  expect(leftOut).toEqual([]);
  expect(damaged.map((error) => error.message)).toEqual([expect.stringMatching(message)]);
});

test("a file that is left out is parsed once", async () => {
  const asMagnetic = (body: Uint8Array): Uint8Array =>
    edit(Uint8Array.from([...new Uint8Array(132), ...body]), "Modality", "MR").subarray(132);
  const file = writeCtSlice(fixture(), { syntax: "deflated", deflate: (body) => deflateRawSync(asMagnetic(body)) });
  inflated = 0;
  expect((await readCase(file)).leftOut).toHaveLength(1);
  expect(inflated).toBe(1);
});

const inflate = (): Promise<Uint8Array> => Promise.reject(new Error("nothing here is deflated"));
const png = encodePng({ width: 2, height: 2, channels: 1, depth: 8, data: Uint8Array.of(1, 2, 3, 4) });

describe("subfolders", () => {
  test("CT slices in them are read, as archives export them; pictures and hidden folders are not", async () => {
    const files = memoryFiles({
      "case/ST0/SE0/IM0": good,
      "case/ST0/SE0/IM1": good,
      "case/ST0/SE1/IM0": good,
      "case/ST0/.thumbs/IM0": good,
      "case/masks/1.png": png,
    });
    const held = await readCaseFiles("case", "folder", { files, inflate });
    expect(held.slices.map(({ file }) => file)).toEqual(["case/ST0/SE0/IM0", "case/ST0/SE0/IM1", "case/ST0/SE1/IM0"]);
    expect(held.leftOut).toEqual([{ file: "case/masks/1.png", reason: "a picture in a subfolder: only DICOM files are read there" }]);
    expect([held.count, held.pictures]).toEqual([4, []]);
  });

  test("too deep ones are left out, and too many files are an error", async () => {
    const deep = "a/".repeat(9);
    const held = await readCaseFiles("case", "folder", { files: memoryFiles({ [`case/${deep}IM0`]: good }), inflate });
    expect([held.slices.length, held.leftOut]).toEqual([
      0,
      [{ file: `case/${"a/".repeat(8)}a`, reason: "a folder below 8 others: move its files up" }],
    ]);
    const many = {
      read: () => Promise.resolve(good),
      list: (path: string) => Promise.resolve(Array.from({ length: 5001 }, (_, i) => `${path}${i}`)),
    };
    await expect(readCaseFiles("case", "folder", { files: many, inflate })).rejects.toThrow("case: has over 5000 files");
  });
});

test("links: to files they are read, to folders they are left out, and broken ones are listed", async () => {
  const folder = await mkdtemp(join(tmpdir(), "case-"));
  try {
    await mkdir(join(folder, "case/SE0"), { recursive: true });
    await writeFile(join(folder, "case/SE0/IM0"), good);
    await symlink("SE0/IM0", join(folder, "case/linked"));
    await symlink("..", join(folder, "case/SE0/loop"));
    await symlink("/nonexistent/IM9", join(folder, "case/SE0/gone"));
    const held = await readCaseFiles(join(folder, "case"), "folder", { files: nodeFiles, inflate });
    expect(held.slices).toHaveLength(2);
    expect(held.leftOut).toEqual([{ file: join(folder, "case/SE0/loop"), reason: "a linked folder: put its files in its place" }]);
    expect([held.broken, held.damaged]).toEqual([["SE0/gone"], []]);
    const single = await readCaseFiles(join(folder, "case/SE0/gone"), "file", { files: nodeFiles, inflate });
    expect(single.damaged.map(({ message }) => message)).toEqual([expect.stringMatching(/gone: is a link that leads nowhere$/)]);
  } finally {
    await rm(folder, { recursive: true });
  }
});

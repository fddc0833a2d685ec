// Derived pictures are judged by what was done to them: computed ones are left out, recompressed ones are read.
import { expect, test } from "vitest";
import { fileOf, type Elements } from "./element-fixture.ts";
import { readCtSlice } from "./read-slice.ts";

const slice = (differs: Elements): Elements => ({
  SOPClassUID: "1.2.840.10008.5.1.4.1.1.2\0",
  Modality: "CT",
  SamplesPerPixel: 1,
  PhotometricInterpretation: "MONOCHROME2",
  Rows: 2,
  Columns: 2,
  BitsAllocated: 16,
  BitsStored: 16,
  HighBit: 15,
  PixelRepresentation: 1,
  RescaleIntercept: "0",
  RescaleSlope: "1",
  PixelData: new Uint8Array(8),
  ...differs,
});
const read = (differs: Elements) => readCtSlice(fileOf(slice(differs)), "slice.dcm", { inflate: () => Promise.reject(new Error("bare")) });
const NOTE = "ImageType (0008,0008) says derived, but names no computation: taken for a recompressed copy";

test.each([
  "DERIVED\\SECONDARY\\AXIAL",
  "DERIVED\\SECONDARY\\REFORMATTED\\AVERAGE",
  "DERIVED\\PRIMARY\\AXIAL\\CT_SOM5 MPR",
  "DERIVED\\PRIMARY\\PROJECTION IMAGE",
  "DERIVED\\PRIMARY\\AXIAL\\MIP",
  "DERIVED\\PRIMARY\\AXIAL\\MIN IP",
  "DERIVED\\PRIMARY\\AXIAL\\AVERAGE",
  "DERIVED\\PRIMARY\\OTHER",
  "DERIVED",
])("%s is computed", async (ImageType) => {
  expect((await read({ ImageType })).isDerived).toBe(true);
});

test("a reformatted picture with lossy compression is computed all the same", async () => {
  const reformatted = { ImageType: "DERIVED\\SECONDARY\\REFORMATTED", LossyImageCompression: "01" };
  expect(await read(reformatted)).toMatchObject({ isDerived: true, isLossy: true });
  expect(await read({ ...reformatted, ImageType: "DERIVED\\SECONDARY\\AXIAL" })).toMatchObject({
    isDerived: false,
    isLossy: true,
    notes: [],
  });
});

test("a copy of an original without loss is read, with a note", async () => {
  expect(await read({ ImageType: "DERIVED\\PRIMARY\\AXIAL" })).toMatchObject({ isDerived: false, isLossy: false, notes: [NOTE] });
  expect(await read({ ImageType: "ORIGINAL\\PRIMARY\\AXIAL" })).toMatchObject({ isDerived: false, notes: [] });
});

test("a description or a code says what was done", async () => {
  const secondary = { ImageType: "DERIVED\\SECONDARY\\AXIAL" };
  const primary = { ImageType: "DERIVED\\PRIMARY\\AXIAL" };
  const coded = (CodeValue: string): Elements => ({ DerivationCodeSequence: [{ CodeValue }] });
  expect((await read({ ...secondary, DerivationDescription: "Lossless JPEG compression" })).isDerived).toBe(false);
  expect((await read({ ...primary, DerivationDescription: "Averaged 4 slices: average" })).isDerived).toBe(true);
  expect((await read({ ...secondary, ...coded("113040") })).isDerived).toBe(false);
  expect((await read({ ...primary, ...coded("113072") })).isDerived).toBe(true);
  expect((await read({ ...primary, DerivationDescription: "x".repeat(2000) })).isDerived).toBe(false);
});

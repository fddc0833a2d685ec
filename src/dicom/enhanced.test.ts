// Enhanced CT, written element by element: every frame gets its own place, its own or the shared rescale and window, and its own type.
import { expect, test } from "vitest";
import { fileOf, type Elements } from "./element-fixture.ts";
import { encapsulate } from "./encapsulated.ts";
import { encodeLosslessJpeg } from "./jpeg-lossless.ts";
import { readCtSlice, readCtSlices } from "./read-slice.ts";
import { groupSeries, pickSeries } from "./series.ts";
import { SYNTAXES, type TransferSyntax } from "./transfer-syntax.ts";

const placed = (zMm: number): Elements => ({ PlanePositionSequence: [{ ImagePositionPatient: `-1\\-2\\${zMm}` }] });

const SHARED: Elements = {
  PixelMeasuresSequence: [{ PixelSpacing: "0.5\\0.4", SliceThickness: "5" }],
  PlaneOrientationSequence: [{ ImageOrientationPatient: "1\\0\\0\\0\\1\\0" }],
  PixelValueTransformationSequence: [{ RescaleSlope: "1", RescaleIntercept: "-1000", RescaleType: "HU" }],
  FrameVOILUTSequence: [{ WindowCenter: "40", WindowWidth: "80" }],
  CTReconstructionSequence: [{ ConvolutionKernel: "SOFT" }],
};

const FRAMES: readonly Elements[] = [
  placed(10),
  { ...placed(5), PixelValueTransformationSequence: [{ RescaleSlope: "2", RescaleIntercept: "0" }] },
  {
    ...placed(0),
    CTImageFrameTypeSequence: [{ FrameType: "DERIVED\\PRIMARY\\VOLUME" }],
    FrameVOILUTSequence: [{ WindowCenter: "600", WindowWidth: "2000" }],
  },
];
const PIXELS = Int16Array.from({ length: 3 * 4 * 3 }, (_, i) => i * 10);

const enhanced = (differs: Elements = {}): Elements => ({
  ImageType: "ORIGINAL\\PRIMARY\\VOLUME",
  SOPClassUID: "1.2.840.10008.5.1.4.1.1.2.1\0",
  Modality: "CT",
  SeriesInstanceUID: "2.25.7",
  SamplesPerPixel: 1,
  PhotometricInterpretation: "MONOCHROME2",
  NumberOfFrames: "3",
  Rows: 3,
  Columns: 4,
  BitsAllocated: 16,
  BitsStored: 16,
  HighBit: 15,
  PixelRepresentation: 1,
  SharedFunctionalGroupsSequence: [SHARED],
  PerFrameFunctionalGroupsSequence: FRAMES,
  PixelData: new Uint8Array(PIXELS.buffer),
  ...differs,
});

const inflate = (): Promise<Uint8Array> => Promise.reject(new Error("nothing here is deflated"));
const read = (elements: Elements, syntax?: TransferSyntax) => readCtSlices(fileOf(elements, syntax), "volume.dcm", { inflate });

test("each frame has its own position and pixels, and its own groups before the shared ones", async () => {
  const slices = await read(enhanced());
  expect(slices.map(({ positionMm }) => positionMm?.[2])).toEqual([10, 5, 0]);
  expect(slices.map(({ instanceNumber }) => instanceNumber)).toEqual([1, 2, 3]);
  expect(slices.map(({ hu }) => [hu[0], hu[11]])).toEqual([
    [-1000, -890],
    [240, 460],
    [-760, -650],
  ]);
  expect(slices.map(({ windows }) => windows)).toEqual(
    [40, 40, 600].map((centerHu) => [{ centerHu, widthHu: centerHu === 40 ? 80 : 2000 }]),
  );
  expect(slices.map(({ isDerived }) => isDerived)).toEqual([false, false, true]);
  for (const slice of slices)
    expect(slice).toMatchObject({
      file: "volume.dcm",
      rows: 3,
      columns: 4,
      pixelSpacingMm: [0.5, 0.4],
      sliceThicknessMm: 5,
      kernel: "SOFT",
      notes: [],
    });
});

test("frames are sorted like the slices of a series", async () => {
  const { series } = groupSeries(await read(enhanced({ PerFrameFunctionalGroupsSequence: [10, 5, 0].map(placed) })), { minSlices: 3 });
  expect(pickSeries(series, "volume").levelsMm).toEqual([0, 5, 10]);
});

test("compressed frames lie in a fragment each", async () => {
  const frames = [0, 1, 2].map((i) =>
    encodeLosslessJpeg({ rows: 3, columns: 4, bitsStored: 16, stored: PIXELS.subarray(12 * i, 12 * i + 12) }),
  );
  // The table, the first frame and the second's items without the ends between them.
  const fragments = frames.map((frame) => [...encapsulate(frame)]);
  const bytes = [...fragments[0].slice(0, -8), ...fragments[1].slice(8, -8), ...fragments[2].slice(8)];
  const compressed = await read(enhanced({ PixelData: Uint8Array.from(bytes) }), SYNTAXES["jpeg-lossless-sv1"]);
  expect(compressed.map(({ hu }) => hu)).toEqual((await read(enhanced())).map(({ hu }) => hu));
});

test.each([false, true])(
  "groups that a writer stored as unknown, with implicit elements inside, are read (with a length: %s)",
  async (hasLength) => {
    const known = await read(enhanced());
    const unknown = await read(
      enhanced({
        SharedFunctionalGroupsSequence: { unknown: [SHARED], hasLength },
        PerFrameFunctionalGroupsSequence: { unknown: FRAMES, hasLength },
      }),
    );
    expect(unknown).toEqual(known);
  },
);

test("a reader of single slices refuses several frames, and takes one", async () => {
  await expect(readCtSlice(fileOf(enhanced()), "volume.dcm", { inflate })).rejects.toThrow("volume.dcm: expected one frame, got 3");
  const one = enhanced({ NumberOfFrames: "1", PerFrameFunctionalGroupsSequence: [placed(3)], PixelData: new Uint8Array(24) });
  expect((await readCtSlice(fileOf(one), "volume.dcm", { inflate })).positionMm).toEqual([-1, -2, 3]);
});

test.each([
  ["groups missing", { PerFrameFunctionalGroupsSequence: FRAMES.slice(1) }, "expected an item for each of 3 frames, got 2"],
  [
    "pixels missing",
    { NumberOfFrames: "4", PerFrameFunctionalGroupsSequence: [...FRAMES, placed(20)] },
    "expected 96 bytes, got 72: truncated?",
  ],
  ["no rescale", { SharedFunctionalGroupsSequence: [{}] }, "no RescaleSlope or RescaleIntercept"],
  [
    "a map of blood flow",
    {
      SharedFunctionalGroupsSequence: [
        { ...SHARED, PixelValueTransformationSequence: [{ RescaleSlope: "1", RescaleIntercept: "0", RescaleType: "US" }] },
      ],
    },
    "RescaleType (0028,1054): expected HU",
  ],
  ["half a frame", { NumberOfFrames: "1.5" }, "NumberOfFrames (0028,0008): expected 1 or more, got 1.5"],
  [
    "more frames than memory",
    { NumberOfFrames: "99999", Rows: 4096, Columns: 4096 },
    "99999 frames of 4096 x 4096 are more than this reader can hold",
  ],
  ["many frames of the plain class", { SOPClassUID: "1.2.840.10008.5.1.4.1.1.2\0" }, "expected one frame in CT Image Storage, got 3"],
] satisfies [string, Elements, string][])("%s: refused by name", async (_, differs, message) => {
  await expect(read(enhanced(differs))).rejects.toThrow(/^volume\.dcm: /);
  await expect(read(enhanced(differs))).rejects.toThrow(message);
});

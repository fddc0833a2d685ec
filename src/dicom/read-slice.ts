// One uncompressed CT file to one slice in Hounsfield units, without identity: of the patient, the place and the date nothing is kept.
import { sha256Hex } from "../tensor/sha256.ts";
import { readAttributes, type Attributes, type Inflate } from "./data-set.ts";
import { CT_IMAGE_STORAGE, nameOf, OTHER_STORAGE, type Keyword } from "./dictionary.ts";
import { storedValue, toHounsfield, type PixelCoding } from "./pixels.ts";
import type { Window } from "./window.ts";

export type Vector = readonly [x: number, y: number, z: number];

/** An axial CT slice. Axes are the patient's: x to the left, y to the back, z to the head (DICOM LPS). */
export interface CtSlice {
  /** As the caller named it. */
  readonly file: string;
  readonly rows: number;
  readonly columns: number;
  /** Hounsfield units, [rows, columns]. */
  readonly hu: Float32Array;
  /** Pixels outside the scan, set to -1024 HU. */
  readonly padded: number;
  /** Distance between rows, then between columns. */
  readonly pixelSpacingMm: readonly [row: number, column: number] | null;
  /** Centre of the first pixel. */
  readonly positionMm: Vector | null;
  /** Direction in which the column index grows, then the one in which the row index grows: unit vectors. */
  readonly orientation: readonly [along: Vector, down: Vector] | null;
  readonly sliceThicknessMm: number | null;
  /** The file's own windows, for display only. */
  readonly windows: readonly Window[];
  /** Hash of the series UID. */
  readonly seriesKey: string;
  /** Hash of the Patient ID, to tell patients apart; null where the file has none. Names nobody, and still belongs in no output. */
  readonly patientKey: string | null;
  readonly instanceNumber: number | null;
  readonly kernel: string;
  readonly modality: "CT";
  readonly isLocalizer: boolean;
  /** Not an original acquisition: reformatted, averaged, computed. */
  readonly isDerived: boolean;
  /** Was compressed with loss at some time. */
  readonly isLossy: boolean;
  /** MONOCHROME1: a viewer shows it inverted. The Hounsfield units are not. */
  readonly isInverted: boolean;
  /** What was guessed or ignored, for a person to read. */
  readonly notes: readonly string[];
}

const EXTENT_LIMIT = 4096;

/**
 * Reads a CT Image Storage file in an uncompressed transfer syntax (implicit or explicit VR, either byte order, deflated).
 * Every other file is refused with an error that names it, says what was expected and what came.
 */
export async function readCtSlice(bytes: Uint8Array, file: string, { inflate }: { readonly inflate: Inflate }): Promise<CtSlice> {
  try {
    return interpret(await readAttributes(bytes, inflate), file);
  } catch (error) {
    throw new Error(`${file}: ${error instanceof Error ? error.message : "cannot be read"}`, { cause: error });
  }
}

function interpret(attributes: Attributes, file: string): CtSlice {
  requireCt(attributes);
  const notes = [...attributes.notes];
  const rows = extent(attributes, "Rows");
  const columns = extent(attributes, "Columns");
  const coding = pixelCoding(attributes);
  const { hu, padded } = toHounsfield(attributes.pixelBytes(rows * columns * 2), coding);
  const patient = attributes.text("PatientID");
  const imageType = attributes.text("ImageType").toUpperCase().split("\\");
  return {
    file,
    rows,
    columns,
    hu,
    padded,
    ...geometry(attributes, notes),
    windows: windows(attributes, notes),
    seriesKey: sha256Hex(`series ${attributes.text("SeriesInstanceUID")}`, 16),
    patientKey: patient === "" ? null : sha256Hex(`patient ${patient}`, 16),
    instanceNumber: finite(attributes.numbers("InstanceNumber")[0]),
    kernel: attributes.text("ConvolutionKernel"),
    modality: "CT",
    isLocalizer: imageType.includes("LOCALIZER"),
    isDerived: imageType[0] === "DERIVED",
    isLossy: attributes.text("LossyImageCompression") === "01",
    isInverted: attributes.text("PhotometricInterpretation") === "MONOCHROME1",
    notes,
  };
}

/** Values of groups 0008 and 0028 are compared, never repeated: in a damaged file they could be anything, a name included. */
function requireCt(attributes: Attributes): void {
  const storage = attributes.text("SOPClassUID");
  if (storage !== CT_IMAGE_STORAGE) {
    const came = storage ? (OTHER_STORAGE[storage] ?? "another SOP class") : "no SOPClassUID (0008,0016)";
    throw new Error(`expected a CT image (CT Image Storage), got ${came}: leave this file out`);
  }
  if (attributes.text("Modality") !== "CT") throw new Error(`expected CT in ${nameOf("Modality")}, got something else`);
  if (!attributes.has("PixelData")) throw new Error(`no ${nameOf("PixelData")}: the file holds no image`);
  const samples = attributes.uint16("SamplesPerPixel") ?? 1;
  if (samples !== 1) throw new Error(`expected one grey value a pixel, got ${samples} samples: colour is not Hounsfield units`);
  if (!/^MONOCHROME[12]$/.test(attributes.text("PhotometricInterpretation")))
    throw new Error(
      `expected MONOCHROME1 or MONOCHROME2 in ${nameOf("PhotometricInterpretation")}, got something else: not Hounsfield units`,
    );
  const frames = attributes.numbers("NumberOfFrames")[0] ?? 1;
  if (frames !== 1) throw new Error(`expected one frame, got ${frames}: split multi-frame files into single slices first`);
  if (attributes.text("BurnedInAnnotation") === "YES")
    throw new Error(`${nameOf("BurnedInAnnotation")} is YES: text in the picture may name a patient; leave this file out`);
}

function extent(attributes: Attributes, keyword: "Rows" | "Columns"): number {
  const value = attributes.uint16(keyword);
  if (value === null || value < 1 || value > EXTENT_LIMIT)
    throw new Error(`${nameOf(keyword)}: expected 1..${EXTENT_LIMIT}, got ${value ?? "none"}`);
  return value;
}

function pixelCoding(attributes: Attributes): PixelCoding {
  const allocated = attributes.uint16("BitsAllocated");
  if (allocated !== 16) throw new Error(`${nameOf("BitsAllocated")}: expected 16, as CT has, got ${allocated ?? "none"}`);
  const bitsStored = attributes.uint16("BitsStored") ?? 16;
  const highBit = attributes.uint16("HighBit") ?? bitsStored - 1;
  if (bitsStored < 1 || bitsStored > 16 || highBit > 15 || highBit + 1 < bitsStored)
    throw new Error(
      `expected BitsStored bits (0028,0101) up to HighBit (0028,0102) within 16, got ${bitsStored} bits up to bit ${highBit}`,
    );
  const representation = attributes.uint16("PixelRepresentation");
  if (representation !== 0 && representation !== 1)
    throw new Error(`${nameOf("PixelRepresentation")}: expected 0 or 1, got ${representation ?? "none"}`);
  const signed = representation === 1;
  const first = attributes.uint16("PixelPaddingValue");
  const second = attributes.uint16("PixelPaddingRangeLimit") ?? first;
  const limits = first === null || second === null ? null : [storedValue(first, signed), storedValue(second, signed)];
  return {
    bitsStored,
    highBit,
    signed,
    bigEndian: attributes.syntax.bigEndian,
    ...rescale(attributes),
    padding: limits && [Math.min(...limits), Math.max(...limits)],
  };
}

function rescale(attributes: Attributes): { slope: number; intercept: number } {
  if (attributes.has("ModalityLUTSequence"))
    throw new Error(`${nameOf("ModalityLUTSequence")} instead of slope and intercept is not supported: convert the file first`);
  const type = attributes.text("RescaleType");
  if (type !== "" && type !== "HU") throw new Error(`${nameOf("RescaleType")}: expected HU, got another unit: leave this file out`);
  const [slope] = attributes.numbers("RescaleSlope");
  const [intercept] = attributes.numbers("RescaleIntercept");
  if (slope === undefined || intercept === undefined)
    throw new Error("no RescaleSlope or RescaleIntercept (0028,1053, 0028,1052): the stored values cannot be turned into Hounsfield units");
  // A slope of zero, or one that leaves float32, is damage; CT slopes lie near 1.
  if (!(Math.abs(slope) > 0 && Math.abs(slope) <= 1e4 && Math.abs(intercept) <= 1e6))
    throw new Error(`expected a plausible RescaleSlope and RescaleIntercept (0028,1053, 0028,1052), got ${slope} and ${intercept}`);
  return { slope, intercept };
}

type Geometry = Pick<CtSlice, "pixelSpacingMm" | "positionMm" | "orientation" | "sliceThicknessMm">;

function geometry(attributes: Attributes, notes: string[]): Geometry {
  const read = (keyword: Keyword, count: number): number[] | null => {
    const values = attributes.numbers(keyword);
    if (values.length === count && values.every((value) => Number.isFinite(value))) return values;
    if (values.length > 0) notes.push(`${nameOf(keyword)} does not hold ${count} numbers: ignored`);
    return null;
  };
  const spacing = read("PixelSpacing", 2);
  const position = read("ImagePositionPatient", 3);
  const six = read("ImageOrientationPatient", 6);
  const thickness = read("SliceThickness", 1)?.[0] ?? 0;
  const positive = spacing !== null && spacing[0] > 0 && spacing[1] > 0;
  if (spacing && !positive) notes.push(`${nameOf("PixelSpacing")} is not positive: ignored`);
  return {
    pixelSpacingMm: positive ? [spacing[0], spacing[1]] : null,
    positionMm: position && [position[0], position[1], position[2]],
    orientation: six && directions(six, notes),
    sliceThicknessMm: thickness > 0 ? thickness : null,
  };
}

/** Two perpendicular unit vectors, or nothing: a rounded one is made exact, another one is not trusted. */
function directions([a, b, c, d, e, f]: readonly number[], notes: string[]): CtSlice["orientation"] {
  const along = Math.hypot(a, b, c);
  const down = Math.hypot(d, e, f);
  if (Math.abs(along - 1) > 0.01 || Math.abs(down - 1) > 0.01 || Math.abs(a * d + b * e + c * f) > 0.01) {
    notes.push(`${nameOf("ImageOrientationPatient")} does not hold two perpendicular unit vectors: ignored`);
    return null;
  }
  return [
    [a / along, b / along, c / along],
    [d / down, e / down, f / down],
  ];
}

function windows(attributes: Attributes, notes: string[]): Window[] {
  const centers = attributes.numbers("WindowCenter");
  const widths = attributes.numbers("WindowWidth");
  const all = centers.slice(0, widths.length).map((centerHu, i) => ({ centerHu, widthHu: widths[i] }));
  const valid = all.filter(({ centerHu, widthHu }) => Number.isFinite(centerHu) && widthHu >= 1);
  if (valid.length < Math.max(centers.length, widths.length))
    notes.push("a window without a finite center or a width of 1 or more: ignored");
  return valid;
}

function finite(value: number | undefined): number | null {
  return value !== undefined && Number.isFinite(value) ? value : null;
}

// One CT file to its slices in Hounsfield units, without identity: of the patient, the place and the date nothing is kept.
import { sha256Hex } from "../tensor/sha256.ts";
import { hasPreamble, readAttributes, type Attributes, type Inflate } from "./data-set.ts";
import { decodeFrame } from "./decode-frame.ts";
import { DERIVED_NOTE, isComputed } from "./derivation.ts";
import { CT_IMAGE_STORAGE, ENHANCED_CT_STORAGE, nameOf, OTHER_STORAGE } from "./dictionary.ts";
import type { FrameDecoders } from "../codecs/frame.ts";
import { Foreign } from "./foreign.ts";
import { frameAttributes } from "./functional-groups.ts";
import { geometryOf, windowsOf, type Geometry } from "./geometry.ts";
import { pixelCodingOf, requireHounsfield, toHounsfield } from "./pixels.ts";
import type { HuWindow } from "./window.ts";

export type { Vector } from "./geometry.ts";

/** An axial CT slice. Axes are the patient's: x to the left, y to the back, z to the head (DICOM LPS). */
export interface CtSlice extends Geometry {
  /** As the caller named it. */
  readonly file: string;
  readonly rows: number;
  readonly columns: number;
  /** Hounsfield units, [rows, columns]. */
  readonly hu: Float32Array;
  /** Pixels outside the scan, set to -1024 HU. */
  readonly padded: number;
  /** The file's own windows, for display only. */
  readonly windows: readonly HuWindow[];
  /** Hash of the series UID. */
  readonly seriesKey: string;
  /** Hash of the Patient ID, to distinguish patients; null where the file has none. Not a name, but never part of any output. */
  readonly patientKey: string | null;
  readonly instanceNumber: number | null;
  /** Number of the acquisition that it was reconstructed from. */
  readonly acquisitionNumber: number | null;
  readonly kernel: string;
  readonly modality: "CT";
  readonly isLocalizer: boolean;
  /** Computed from other pictures: reformatted, averaged, projected. A recompressed copy is not. */
  readonly isDerived: boolean;
  /** Was compressed with loss at some time. */
  readonly isLossy: boolean;
  /** MONOCHROME1: a viewer shows it inverted. The Hounsfield units are not. */
  readonly isInverted: boolean;
  /** What was guessed or ignored, for a person to read. */
  readonly notes: readonly string[];
}

const EXTENT_LIMIT = 4096;
/** Over all frames: 1 GiB of Hounsfield units. */
const PIXEL_LIMIT = 2 ** 28;

export interface ReadOptions {
  readonly inflate: Inflate;
  /** Codecs that are not ours (Platform.decoders); a syntax without one is refused by name. */
  readonly decoders?: FrameDecoders;
}

/** Reads a CT file of one frame; as `readCtSlices` otherwise. */
export async function readCtSlice(bytes: Uint8Array, file: string, options: ReadOptions): Promise<CtSlice> {
  const [slice, ...more] = await readCtSlices(bytes, file, options);
  if (more.length > 0) throw new Error(`${file}: expected one frame, got ${more.length + 1}: use a single slice`);
  return slice;
}

/**
 * Reads a CT Image Storage file, one slice, or an enhanced CT, a slice for each frame, in any of SYNTAXES. Every other file is refused with an
 * error that names it, says what was expected and what came: a Foreign one where the file is not damaged but is not such an image.
 */
export async function readCtSlices(bytes: Uint8Array, file: string, { inflate, decoders = {} }: ReadOptions): Promise<CtSlice[]> {
  let isDicom = hasPreamble(bytes);
  try {
    const attributes = await readAttributes(bytes, inflate);
    isDicom = true;
    return await interpret(attributes, file, decoders);
  } catch (error) {
    const message = `${file}: ${error instanceof Error ? error.message : "cannot be read"}`;
    if (error instanceof Foreign) throw new Foreign(error.reason, message, { cause: error });
    throw isDicom ? new Error(message, { cause: error }) : new Foreign(null, message, { cause: error });
  }
}

async function interpret(attributes: Attributes, file: string, decoders: FrameDecoders): Promise<CtSlice[]> {
  const count = requireCt(attributes);
  const rows = extent(attributes, "Rows");
  const columns = extent(attributes, "Columns");
  if (count * rows * columns > PIXEL_LIMIT) throw new Error(`${count} frames of ${rows} x ${columns} are more than this reader can hold`);
  const frames = count > 1 || isEnhanced(attributes) ? frameAttributes(attributes, count) : [attributes];
  const codings = frames.map(pixelCodingOf);
  const stored = attributes.frames(count, { rows, columns, bitsAllocated: codings[0].bitsAllocated });
  const slices: CtSlice[] = [];
  for (const [i, frame] of frames.entries()) {
    const coding = codings[i];
    const { syntax } = attributes;
    const cells = syntax.compression
      ? await decodeFrame(stored[i], { ...coding, rows, columns }, syntax, decoders)
      : { bytes: stored[i], coding, lossy: false, notes: [] };
    const { hu, padded } = toHounsfield(cells.bytes, { ...coding, ...cells.coding });
    const notes = [...attributes.notes, ...cells.notes];
    const about = described(frame, notes);
    slices.push({
      ...about,
      isLossy: about.isLossy || cells.lossy,
      file,
      rows,
      columns,
      hu,
      padded,
      instanceNumber: isEnhanced(attributes) ? i + 1 : finite(frame.numbers("InstanceNumber")[0]),
      notes,
    });
  }
  return slices;
}

function described(
  frame: Attributes,
  notes: string[],
): Omit<CtSlice, "file" | "rows" | "columns" | "hu" | "padded" | "instanceNumber" | "notes"> {
  const patient = frame.text("PatientID");
  const imageType = (frame.text("FrameType") || frame.text("ImageType")).toUpperCase().split("\\");
  const isLossy = frame.text("LossyImageCompression") === "01" || frame.syntax.lossy;
  const computed = isComputed(frame, imageType, isLossy);
  if (imageType[0] === "DERIVED" && !computed && !isLossy) notes.push(DERIVED_NOTE);
  return {
    ...geometryOf(frame, notes),
    windows: windowsOf(frame, notes),
    seriesKey: sha256Hex(`series ${frame.text("SeriesInstanceUID")}`, 16),
    patientKey: patient === "" ? null : sha256Hex(`patient ${patient}`, 16),
    acquisitionNumber: finite(frame.numbers("AcquisitionNumber")[0]),
    kernel: frame.text("ConvolutionKernel"),
    modality: "CT",
    isLocalizer: imageType.includes("LOCALIZER"),
    isDerived: computed,
    isLossy,
    isInverted: frame.text("PhotometricInterpretation") === "MONOCHROME1",
  };
}

const isEnhanced = (attributes: Attributes): boolean => ENHANCED_CT_STORAGE.includes(attributes.text("SOPClassUID"));

/** Returns the number of frames. Throws Foreign for what is not CT. Values of groups 0008 and 0028 are compared, never repeated: in a damaged file they could be anything, a name included. */
function requireCt(attributes: Attributes): number {
  const storage = attributes.text("SOPClassUID");
  if (storage !== CT_IMAGE_STORAGE && !isEnhanced(attributes)) {
    const came = storage ? (OTHER_STORAGE[storage] ?? "another SOP class") : "no SOPClassUID (0008,0016)";
    throw new Foreign(`expected a CT image (CT Image Storage), got ${came}`);
  }
  if (attributes.text("Modality") !== "CT") throw new Foreign(`expected CT in ${nameOf("Modality")}, got something else`);
  if (attributes.text("BurnedInAnnotation") === "YES")
    throw new Foreign(`${nameOf("BurnedInAnnotation")} is YES: text in the picture may name a patient`);
  requireHounsfield(attributes);
  const samples = attributes.uint16("SamplesPerPixel") ?? 1;
  if (samples !== 1) throw new Foreign(`expected one grey value per pixel, got ${samples} samples: colour is not Hounsfield units`);
  if (!attributes.has("PixelData")) throw new Error(`no ${nameOf("PixelData")}: the file has no image`);
  if (!/^MONOCHROME[12]$/.test(attributes.text("PhotometricInterpretation")))
    throw new Error(
      `expected MONOCHROME1 or MONOCHROME2 in ${nameOf("PhotometricInterpretation")}, got something else: not Hounsfield units`,
    );
  const frames = attributes.numbers("NumberOfFrames")[0] ?? 1;
  if (!Number.isInteger(frames) || frames < 1) throw new Error(`${nameOf("NumberOfFrames")}: expected 1 or more, got ${frames}`);
  if (frames !== 1 && !isEnhanced(attributes))
    throw new Error(`expected one frame in CT Image Storage, got ${frames}: their places are unknown; split them into single slices first`);
  return frames;
}

function extent(attributes: Attributes, keyword: "Rows" | "Columns"): number {
  const value = attributes.uint16(keyword);
  if (value === null || value < 1 || value > EXTENT_LIMIT)
    throw new Error(`${nameOf(keyword)}: expected 1..${EXTENT_LIMIT}, got ${value ?? "none"}`);
  return value;
}

function finite(value: number | undefined): number | null {
  return value !== undefined && Number.isFinite(value) ? value : null;
}

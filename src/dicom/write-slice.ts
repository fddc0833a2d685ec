// Writes a synthetic CT slice as a CT Image Storage file. Every file says that it is synthetic; names, dates and identifiers are made up
// and derived from a seed, so that the same slice is the same bytes. The attribute set is fixed: what is not listed here is not written.
import { sha256 } from "../tensor/sha256.ts";
import { ATTRIBUTES, CT_IMAGE_STORAGE, LONG_VRS, SECONDARY_CAPTURE_STORAGE, type Keyword } from "./dictionary.ts";
import type { Vector } from "./read-slice.ts";
import { encodeRle } from "./rle.ts";
import { encapsulate } from "./encapsulated.ts";
import type { FrameEncoder, FrameEncoders } from "../codecs/frame.ts";
import { encodeLosslessJpeg } from "./jpeg-lossless.ts";
import { SYNTAXES, type TransferSyntax, type WritableSyntax } from "./transfer-syntax.ts";
import type { HuWindow } from "./window.ts";

/** A synthetic slice and how a scanner would have stored it. */
export interface SyntheticSlice {
  readonly rows: number;
  readonly columns: number;
  /** Stored values, [rows, columns]; HU = slope * stored + intercept. */
  readonly stored: Int16Array | Uint16Array;
  readonly slope: number;
  readonly intercept: number;
  readonly bitsStored: number;
  /** Stored value of pixels outside the scan. */
  readonly padding?: number;
  readonly pixelSpacingMm: readonly [row: number, column: number];
  readonly positionMm: Vector;
  readonly orientation: readonly [along: Vector, down: Vector];
  readonly sliceThicknessMm: number;
  readonly gantryTiltDegrees: number;
  readonly windows: readonly HuWindow[];
  readonly kernel: string;
  readonly imageType: string;
  /** What the UIDs are derived from: the cohort, then the case. */
  readonly uidSeed: string;
  /** "PH0001" */
  readonly patient: string;
  readonly seriesNumber: number;
  /** From 1. */
  readonly instanceNumber: number;
}

export interface WriteOptions {
  readonly syntax?: WritableSyntax;
  /** Raw deflate (RFC 1951); needed for the syntax "deflated". */
  readonly deflate?: (bytes: Uint8Array) => Uint8Array;
  /** Needed for "jpeg-ls", "jpeg-2000-lossless" and "htj2k-lossless"; RLE and lossless JPEG are encoded here. */
  readonly encoders?: FrameEncoders;
}

/** The whole file. Throws if the pixels do not fit the extents, or a syntax comes without the `deflate` or the encoder that it needs. */
export function writeCtSlice(slice: SyntheticSlice, { syntax = "explicit", deflate, encoders = {} }: WriteOptions = {}): Uint8Array {
  if (slice.stored.length !== slice.rows * slice.columns)
    throw new Error(
      `writeCtSlice: [${slice.rows}, ${slice.columns}] needs ${slice.rows * slice.columns} pixels, got ${slice.stored.length}`,
    );
  const chosen = SYNTAXES[syntax];
  const pixels = chosen.compression ? encapsulate(encoderOf(syntax, encoders)(slice)) : slice.stored;
  let body = encode({ ...elements(slice), PixelData: pixels }, chosen);
  if (chosen.deflated) {
    if (!deflate) throw new Error('writeCtSlice: the syntax "deflated" needs options.deflate');
    body = deflate(body);
    // PS3.5 A.5: padded to an even length, and inflaters stop before the pad.
    if (body.length % 2 === 1) body = concatenate([body, new Uint8Array(1)]);
  }
  return fileOf(metaElements(slice, CT_IMAGE_STORAGE, chosen), body);
}

/** A picture that a scanner sends along with its slices: no CT, no place in the patient. */
export interface SyntheticCapture extends Pick<
  SyntheticSlice,
  "rows" | "columns" | "uidSeed" | "patient" | "seriesNumber" | "instanceNumber"
> {
  /** Grey, 0 to 255, [rows, columns]. */
  readonly stored: Uint16Array;
}

/** A Secondary Capture Image Storage file, in explicit little endian. */
export function writeCapture(capture: SyntheticCapture): Uint8Array {
  const body = encode(
    {
      ...origin(capture, SECONDARY_CAPTURE_STORAGE),
      ImageType: "DERIVED\\SECONDARY",
      ConversionType: "WSD",
      BodyPartExamined: "HEAD",
      PatientOrientation: "",
      ...pixelElements({ ...capture, bitsStored: 8 }),
      PixelData: capture.stored,
    },
    SYNTAXES.explicit,
  );
  return fileOf(metaElements(capture, SECONDARY_CAPTURE_STORAGE, SYNTAXES.explicit), body);
}

function fileOf(metaValues: Elements, body: Uint8Array): Uint8Array {
  const meta = encode(metaValues, SYNTAXES.explicit);
  const preamble = new Uint8Array(128 + 4 + 12 + 14);
  preamble.set(ascii("DICM"), 128);
  // (0002,0000) UL: bytes of group 0002 after it; (0002,0001) OB: version 1.
  const version = [2, 0, 1, 0, 0x4f, 0x42, 0, 0, 2, 0, 0, 0, 0, 1];
  preamble.set([2, 0, 0, 0, 0x55, 0x4c, 4, 0], 132);
  new DataView(preamble.buffer).setUint32(140, version.length + meta.length, true);
  preamble.set(version, 144);
  return concatenate([preamble, meta, body]);
}

function encoderOf(syntax: WritableSyntax, encoders: FrameEncoders): FrameEncoder {
  if (syntax === "rle") return encodeRle;
  if (syntax === "jpeg-lossless-sv1") return encodeLosslessJpeg;
  const encoder = encoders[SYNTAXES[syntax].uid];
  if (!encoder) throw new Error(`writeCtSlice: the syntax "${syntax}" needs an encoder for ${SYNTAXES[syntax].uid} in options.encoders`);
  return encoder;
}

/** A UID from a hash: "2.25." and a 128-bit number (PS3.5 B.2), always the same for the same name. */
export function derivedUid(name: string): string {
  let value = 0n;
  for (const byte of sha256(name).subarray(0, 16)) value = (value << 8n) | BigInt(byte);
  return `2.25.${value}`;
}

/** Text, 16-bit words, or, as the last element, a compressed frame in fragments. */
type Value = string | number | readonly number[] | Int16Array | Uint16Array | Uint8Array;
const UNDEFINED_LENGTH = 0xffffffff;

type Elements = Partial<Record<Keyword, Value>>;

type Instance = Pick<SyntheticSlice, "uidSeed" | "patient" | "seriesNumber" | "instanceNumber">;

const instanceUid = (slice: Instance): string =>
  derivedUid(`${slice.uidSeed} series ${slice.seriesNumber} instance ${slice.instanceNumber}`);

function metaElements(instance: Instance, storage: string, { uid }: TransferSyntax): Elements {
  return {
    MediaStorageSOPClassUID: storage,
    MediaStorageSOPInstanceUID: instanceUid(instance),
    TransferSyntaxUID: uid,
    ImplementationClassUID: derivedUid("striatum"),
    ImplementationVersionName: "STRIATUM",
  };
}

/** Whose it is and where it comes from: made up, and it says so. */
function origin(instance: Instance, storage: string): Elements {
  const { patient, uidSeed, seriesNumber, instanceNumber } = instance;
  return {
    SpecificCharacterSet: "ISO_IR 100",
    SOPClassUID: storage,
    SOPInstanceUID: instanceUid(instance),
    StudyDate: "20000101",
    ContentDate: "20000101",
    StudyTime: "120000",
    ContentTime: "120000",
    AccessionNumber: "",
    Modality: "CT",
    Manufacturer: "STRIATUM PHANTOM",
    ReferringPhysicianName: "",
    StudyDescription: "SYNTHETIC HEAD CT",
    SeriesDescription: "SYNTHETIC, NOT A PATIENT",
    ManufacturerModelName: "PHANTOM GENERATOR",
    PatientName: `PHANTOM^${patient}`,
    PatientID: patient,
    PatientBirthDate: "",
    PatientSex: "O",
    PatientIdentityRemoved: "YES",
    DeidentificationMethod: "SYNTHETIC DATA",
    StudyInstanceUID: derivedUid(`${uidSeed} study`),
    SeriesInstanceUID: derivedUid(`${uidSeed} series ${seriesNumber}`),
    StudyID: "1",
    SeriesNumber: String(seriesNumber),
    InstanceNumber: String(instanceNumber),
  };
}

const pixelElements = ({
  rows,
  columns,
  stored,
  bitsStored,
}: Pick<SyntheticSlice, "rows" | "columns" | "stored" | "bitsStored">): Elements => ({
  SamplesPerPixel: 1,
  PhotometricInterpretation: "MONOCHROME2",
  Rows: rows,
  Columns: columns,
  BitsAllocated: 16,
  BitsStored: bitsStored,
  HighBit: bitsStored - 1,
  PixelRepresentation: stored instanceof Int16Array ? 1 : 0,
});

function elements(slice: SyntheticSlice): Elements {
  const { positionMm, orientation, windows } = slice;
  const [[ax, ay, az], [dx, dy, dz]] = orientation;
  const normal: Vector = [ay * dz - az * dy, az * dx - ax * dz, ax * dy - ay * dx];
  return {
    ...origin(slice, CT_IMAGE_STORAGE),
    ImageType: slice.imageType,
    BodyPartExamined: "HEAD",
    SliceThickness: decimal(slice.sliceThicknessMm),
    KVP: "120",
    ReconstructionDiameter: decimal(slice.columns * slice.pixelSpacingMm[1]),
    GantryDetectorTilt: decimal(slice.gantryTiltDegrees),
    ConvolutionKernel: slice.kernel,
    PatientPosition: "HFS",
    AcquisitionNumber: "1",
    ImagePositionPatient: decimals(positionMm),
    ImageOrientationPatient: decimals(orientation.flat()),
    FrameOfReferenceUID: derivedUid(`${slice.uidSeed} frame of reference`),
    PositionReferenceIndicator: "",
    SliceLocation: decimal(positionMm.reduce((sum, value, axis) => sum + value * normal[axis], 0)),
    ...pixelElements(slice),
    PixelSpacing: decimals(slice.pixelSpacingMm),
    ...(slice.padding === undefined ? {} : { PixelPaddingValue: slice.padding }),
    ...(windows.length === 0
      ? {}
      : { WindowCenter: decimals(windows.map((w) => w.centerHu)), WindowWidth: decimals(windows.map((w) => w.widthHu)) }),
    RescaleIntercept: decimal(slice.intercept),
    RescaleSlope: decimal(slice.slope),
    RescaleType: "HU",
  };
}

/** A DS value: at most 16 characters (PS3.5 6.2). */
function decimal(value: number): string {
  for (let digits = 10; digits > 0; digits--) {
    const text = String(Number(value.toFixed(digits)));
    if (text.length <= 16) return text;
  }
  return String(Math.round(value));
}

const decimals = (values: readonly number[]): string => values.map(decimal).join("\\");

/** Elements in ascending order of their tags, each with an even length (PS3.5 7.1). */
function encode(values: Elements, syntax: TransferSyntax): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const keyword of (Object.keys(values) as Keyword[]).sort((a, b) => (ATTRIBUTES[a][0] < ATTRIBUTES[b][0] ? -1 : 1))) {
    const [tag, vr] = ATTRIBUTES[keyword];
    const value = values[keyword] as Value;
    const fragments = value instanceof Uint8Array;
    const bytes = fragments ? value : valueBytes(value, vr === "UI" ? "\0" : " ", syntax.bigEndian);
    const long = !syntax.explicit || LONG_VRS.has(vr);
    const header = new Uint8Array(syntax.explicit && long ? 12 : 8);
    const view = new DataView(header.buffer);
    view.setUint16(0, Number.parseInt(tag.slice(1, 5), 16), !syntax.bigEndian);
    view.setUint16(2, Number.parseInt(tag.slice(5), 16), !syntax.bigEndian);
    if (syntax.explicit) header.set(ascii(fragments ? "OB" : vr), 4);
    if (long) view.setUint32(header.length - 4, fragments ? UNDEFINED_LENGTH : bytes.length, !syntax.bigEndian);
    else view.setUint16(6, bytes.length, !syntax.bigEndian);
    parts.push(header, bytes);
  }
  return concatenate(parts);
}

function valueBytes(value: Exclude<Value, Uint8Array>, pad: string, bigEndian: boolean): Uint8Array {
  if (typeof value === "string") return ascii(value.length % 2 === 0 ? value : value + pad);
  const words = typeof value === "number" ? [value] : value;
  const bytes = new Uint8Array(2 * words.length);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < words.length; i++) view.setUint16(2 * i, words[i], !bigEndian);
  return bytes;
}

const ascii = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));

function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

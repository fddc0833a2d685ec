// What lies at a case's path: CT slices or pictures, what was left out and why, and the names of their pixels. Nothing here looks at labels, and
// nothing chooses: a test case is read exactly like a training case.
import type { Inflate } from "../dicom/data-set.ts";
import { Foreign } from "../dicom/foreign.ts";
import type { FrameDecoders } from "../codecs/frame.ts";
import { readCtSlices, type CtSlice } from "../dicom/read-slice.ts";
import type { Dropped } from "../dicom/series.ts";
import { under, type ReadableFiles } from "./folder.ts";
import { foreignFormat } from "./formats.ts";
import type { Image } from "./image.ts";
import { decodePicture, sniff } from "./picture.ts";
import { pixelHash } from "./pixel-hash.ts";
import { inHounsfield, type Rescale } from "./rescale.ts";

const FILE_LIMIT_BYTES = 2 ** 28;

export interface FileOptions {
  readonly files: ReadableFiles;
  readonly inflate: Inflate;
  /** Codecs of compressed DICOM: Platform.decoders. */
  readonly decoders?: FrameDecoders;
  /** How grey PNG of 16 bits becomes Hounsfield units. Default: it is a grey picture. */
  readonly rescale?: Rescale;
}

/** A remark on one of several pictures. */
export interface Remark {
  readonly text: string;
  /** Whether it is probably a mistake. */
  readonly isWarning: boolean;
}

export interface CaseFiles {
  /** Files that were looked at. */
  readonly count: number;
  readonly slices: readonly CtSlice[];
  /** Pictures, where there are no slices. Those of a folder are decoded and let go again: they may be many and large. */
  readonly pictures: readonly { readonly path: string; readonly raw: Image | null }[];
  /** What is odd about single pictures. */
  readonly remarks: readonly Remark[];
  readonly leftOut: readonly Dropped[];
  /** CT images and pictures that cannot be read: errors that name the file. */
  readonly damaged: readonly Error[];
  /** Names of all pixels (pixelHash) and of all patients (CtSlice.patientKey) in it, each once. */
  readonly pixels: readonly string[];
  readonly patientKeys: readonly string[];
}

/** Reads the file or all files of the folder, subfolders and hidden files apart. Throws only where the platform cannot read. */
export async function readCaseFiles(path: string, kind: "file" | "folder", options: FileOptions): Promise<CaseFiles> {
  const paths = kind === "file" ? [path] : await filesIn(path, options.files);
  const slices: CtSlice[] = [];
  const picturePaths: string[] = [];
  const leftOut: Dropped[] = [];
  const damaged: Error[] = [];
  for (const file of paths) {
    const found = await readOne(file, options);
    if (found.kind === "slices") slices.push(...found.slices);
    else if (found.kind === "picture") picturePaths.push(file);
    else if (found.kind === "damaged") damaged.push(found.error);
    else if (kind === "file") damaged.push(new Error(`${file}: cannot be used as an image: ${found.reason}`));
    else leftOut.push({ file, reason: found.reason });
  }
  const pixels = new Set<string>();
  for (const { rows, columns, hu } of slices) {
    const hash = pixelHash({ width: columns, height: rows, channels: 1, data: hu });
    if (hash !== null) pixels.add(hash);
  }
  const pictures: { path: string; raw: Image | null }[] = [];
  const remarks: Remark[] = [];
  if (options.rescale && slices.length > 0)
    damaged.push(new Error(`${path}: a rescale is given, but its DICOM files have their own; leave it out`));
  for (const file of picturePaths) {
    if (slices.length > 0) {
      leftOut.push({ file, reason: "a picture beside CT slices" });
      continue;
    }
    try {
      const { image: raw, remarks: own } = await readPictureFile(await options.files.read(file, FILE_LIMIT_BYTES), file, options);
      remarks.push(...own);
      const hash = pixelHash(raw);
      if (hash !== null) pixels.add(hash);
      pictures.push({ path: file, raw: kind === "file" ? raw : null });
    } catch (error) {
      damaged.push(error as Error);
    }
  }
  const patientKeys = new Set(slices.flatMap(({ patientKey }) => patientKey ?? []));
  return { count: paths.length, slices, pictures, remarks, leftOut, damaged, pixels: [...pixels], patientKeys: [...patientKeys] };
}

const filesIn = async (folder: string, files: ReadableFiles): Promise<string[]> =>
  (await files.list(folder)).filter((name) => !name.endsWith("/") && !name.startsWith(".")).map((name) => under(folder, name));

/** A PNG or JPEG: a grey or colour picture, or, with a rescale, Hounsfield units. Errors name the file. */
export async function readPictureFile(
  bytes: Uint8Array,
  file: string,
  options: Pick<FileOptions, "inflate" | "rescale">,
): Promise<{ readonly image: Image; readonly remarks: readonly Remark[] }> {
  const decoded = await decodePicture(bytes, file, options);
  const notes = decoded.notes.map((text): Remark => ({ text, isWarning: false }));
  if (options.rescale) return { image: inHounsfield(decoded, file, options.rescale), remarks: notes };
  return { image: decoded.picture, remarks: [...notes, ...decoded.warnings.map((text): Remark => ({ text, isWarning: true }))] };
}

type Found =
  | { readonly kind: "slices"; readonly slices: readonly CtSlice[] }
  | { readonly kind: "picture" }
  | { readonly kind: "foreign"; readonly reason: string }
  | { readonly kind: "damaged"; readonly error: Error };

async function readOne(path: string, options: FileOptions): Promise<Found> {
  const bytes = await options.files.read(path, FILE_LIMIT_BYTES);
  const format = sniff(bytes);
  if (format === "png" || format === "jpeg") return { kind: "picture" };
  try {
    return { kind: "slices", slices: await readCtSlices(bytes, path, options) };
  } catch (error) {
    return error instanceof Foreign
      ? { kind: "foreign", reason: error.reason ?? foreignFormat(bytes) ?? "neither DICOM nor PNG nor JPEG" }
      : { kind: "damaged", error: error as Error };
  }
}

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
  /** Links that lead nowhere, below the folder. */
  readonly broken: readonly string[];
  /** CT images and pictures that cannot be read: errors that name the file. */
  readonly damaged: readonly Error[];
  /** Names of all pixels (pixelHash) and of all patients (CtSlice.patientKey) in it, each once. */
  readonly pixels: readonly string[];
  readonly patientKeys: readonly string[];
}

/** Reads the file or all files of the folder and its subfolders, hidden ones apart. Throws only where the platform cannot read. */
export async function readCaseFiles(path: string, kind: "file" | "folder", options: FileOptions): Promise<CaseFiles> {
  const { paths, leftOut } = kind === "file" ? { paths: [path], leftOut: [] } : await filesBelow(path, options.files);
  const slices: CtSlice[] = [];
  const picturePaths: string[] = [];
  const broken: string[] = [];
  const damaged: Error[] = [];
  for (const file of paths) {
    const found = await readOne(file, options);
    if (found.kind === "slices") slices.push(...found.slices);
    else if (found.kind === "broken" && kind === "folder") broken.push(file.slice(path.length + 1));
    else if (found.kind === "broken") damaged.push(new Error(`${file}: is a link that leads nowhere`));
    else if (found.kind === "picture" && kind === "folder" && file.includes("/", path.length + 1))
      leftOut.push({ file, reason: "a picture in a subfolder: only DICOM files are read there" });
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
  return { count: paths.length, slices, pictures, remarks, leftOut, broken, damaged, pixels: [...pixels], patientKeys: [...patientKeys] };
}

/** Archives and exports have ST0/SE0/IM0; a few levels more do no harm. */
const DEPTH_LIMIT = 8;
/** A study of several series of 0.5 mm slices has a thousand or two; all are in memory at once, with a mebibyte each. */
const COUNT_LIMIT = 5000;

/** Every file below the folder, those of a folder together. Linked folders may lead back, or out of the dataset: they are left out. */
async function filesBelow(folder: string, files: ReadableFiles): Promise<{ paths: string[]; leftOut: Dropped[] }> {
  const paths: string[] = [];
  const leftOut: Dropped[] = [];
  const walk = async (inside: string, depth: number): Promise<void> => {
    for (const name of await files.list(inside)) {
      const path = under(inside, name.replace(/\/$/, ""));
      if (name.startsWith(".")) continue;
      if (!name.endsWith("/")) paths.push(path);
      else if (await files.link?.(path)) leftOut.push({ file: path, reason: "a linked folder: put its files in its place" });
      else if (depth === DEPTH_LIMIT) leftOut.push({ file: path, reason: `a folder below ${DEPTH_LIMIT} others: move its files up` });
      else await walk(path, depth + 1);
      if (paths.length > COUNT_LIMIT) throw new Error(`${folder}: has over ${COUNT_LIMIT} files: give each case a folder of its own`);
    }
  };
  await walk(folder, 0);
  return { paths, leftOut };
}

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
  | { readonly kind: "broken" }
  | { readonly kind: "foreign"; readonly reason: string }
  | { readonly kind: "damaged"; readonly error: Error };

async function readOne(path: string, options: FileOptions): Promise<Found> {
  let bytes: Uint8Array;
  try {
    bytes = await options.files.read(path, FILE_LIMIT_BYTES);
  } catch (error) {
    if ((await options.files.link?.(path)) === "broken") return { kind: "broken" };
    throw error;
  }
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

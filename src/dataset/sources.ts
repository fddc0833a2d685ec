// From a case's path to its images: which files they are, and each as a small 8-bit picture. A series of CT slices gives those around the
// basal ganglia; nothing here looks at labels, so that a test case is read exactly like a training case.
import { selectBasalGanglia, showsHead } from "../dicom/basal-ganglia.ts";
import { implausible } from "../dicom/plausible.ts";
import { readCtSlice, type CtSlice } from "../dicom/read-slice.ts";
import { groupSeries, pickSeries, type CtSeries, type Dropped } from "../dicom/series.ts";
import type { HuWindow } from "../dicom/window.ts";
import { Foreign } from "../dicom/foreign.ts";
import { readPictureFile, type CaseFiles, type FileOptions, type Remark } from "./case-files.ts";
import { foreignFormat } from "./formats.ts";
import { cropToHead } from "./head-crop.ts";
import { pictureOf, type Image, type Picture } from "./image.ts";
import { sniff } from "./picture.ts";
import { RESCALE_FORM, type Rescale } from "./rescale.ts";

const FILE_LIMIT_BYTES = 2 ** 28;

export interface ImageOptions extends FileOptions {
  /** Side of the pictures that come out. */
  readonly size: number;
  readonly window: HuWindow;
  /** Cuts every image to a square around the head (cropToHead). Default: images as they are. */
  readonly headCrop?: number;
}

export interface SourceOptions extends ImageOptions {
  /** Largest number of slices taken from a series, those nearest to the centre of the basal ganglia. */
  readonly slices: number;
  /** The scans cover little more than the basal ganglia (selectBasalGanglia). */
  readonly slab: boolean;
}

/** The options for a case, which may have a rescale of its own. */
export const ofCase = <T extends FileOptions>(options: T, { rescale }: { readonly rescale: Rescale | null }): T =>
  rescale ? { ...options, rescale } : options;

/** Pictures that hold far less than they could: one warning, as such pictures come by the folder; none where nothing was found. */
export function rangeWarning(file: string, found: readonly { readonly line: number; readonly text: string }[]): string[] {
  if (found.length === 0) return [];
  const [{ line, text }] = found;
  const others = found.length > 1 ? ` (and ${found.length - 1} more)` : "";
  return [
    `${file} line ${line}: ${text}${others}; if the values are Hounsfield units and an offset, add the column rescale with ${RESCALE_FORM}; else stretch them`,
  ];
}

/** What a case turned out to hold. An image is null where it was not read: large pictures are not held together. */
export type Contents =
  | {
      readonly kind: "images";
      readonly images: readonly { readonly path: string; readonly raw: Image | null }[];
      readonly notes: readonly string[];
      /** What is probably a mistake. */
      readonly warnings: readonly string[];
      /** The series of a folder of CT slices. */
      readonly series?: CtSeries;
    }
  | {
      readonly kind: "not assessable";
      readonly reason: string;
      readonly notes: readonly string[];
      readonly series?: CtSeries;
      /** A slice of it, to look at. */
      readonly preview: Image | null;
    };

/** Reads one image file, CT slice or picture, to [size, size, 1 or 3], with what is odd about it. Errors name the file. */
export async function readImage(
  path: string,
  options: ImageOptions,
): Promise<{ readonly picture: Picture; readonly remarks: readonly Remark[]; readonly isHounsfield: boolean }> {
  const { image, remarks } = await readPlaced(path, options);
  return {
    picture: pictureOf(cropToHead(image, options.headCrop), options.size, options.window),
    remarks,
    isHounsfield: image.unit === "HU",
  };
}

/** Reads one image file, CT slice or picture, as it is. Errors name the file. */
export const readRaw = async (path: string, options: FileOptions): Promise<Image> => (await readPlaced(path, options)).image;

/** An image, and on which side of it the patient's right lies: known of axial CT slices, whose files say how they lie. */
export interface PlacedImage {
  readonly image: Image;
  readonly right: "left" | "right" | null;
  readonly remarks: readonly Remark[];
}

/** Least share of the patient's left-right axis in an image's rows. */
const ALONG_ROWS = 0.8;

/** The same, with what the file says of its sides. */
export async function readPlaced(path: string, options: FileOptions): Promise<PlacedImage> {
  const bytes = await options.files.read(path, FILE_LIMIT_BYTES);
  const kind = sniff(bytes);
  if (kind === "png" || kind === "jpeg") return { ...(await readPictureFile(bytes, path, options)), right: null };
  const read = await readSlice(bytes, path, options);
  if (options.rescale) throw new Error(`${path}: a rescale is given, but a DICOM file has its own; leave it out`);
  const { series, dropped } = groupSeries([read], { minSlices: 1 });
  const reason = dropped[0]?.reason ?? implausible(read);
  if (reason) throw new Error(`${path}: cannot be used as an image: ${reason}`);
  const [slice] = series[0].slices;
  // Columns grow to the patient's left where the row direction does.
  const [leftwards] = slice.orientation[0];
  return {
    image: rawSlice(slice),
    right: Math.abs(leftwards) < ALONG_ROWS ? null : leftwards > 0 ? "left" : "right",
    remarks: slice.notes.map((text) => ({ text, isWarning: false })),
  };
}

/** A file that is not DICOM at all is called what it is. */
async function readSlice(bytes: Uint8Array, path: string, options: FileOptions): Promise<CtSlice> {
  try {
    return await readCtSlice(bytes, path, options);
  } catch (error) {
    const format = error instanceof Foreign && error.reason === null ? foreignFormat(bytes) : null;
    throw format === null ? error : new Error(`${path}: is ${format}`, { cause: error });
  }
}

const rawSlice = ({ rows, columns, hu }: CtSlice): Image => ({ unit: "HU", width: columns, height: rows, channels: 1, data: hu });

/**
 * The images that stand for a case, of what was read at its path. Of CT slices the one axial series counts, around the basal ganglia; pictures
 * beside them and files that are not CT images are left out and noted. A folder of pictures alone gives them all, in the order of names. Throws
 * for what is damaged, for series between which nothing decides, for missing slices, and where there is no image.
 */
export function contentsOf(path: string, kind: "file" | "folder", held: CaseFiles, options: SourceOptions): Contents {
  const { count, slices, pictures, remarks, leftOut, broken, damaged } = held;
  if (damaged.length > 0) throw damaged[0];
  if (broken.length > 0) {
    const more = broken.length > 1 ? ` (and ${broken.length - 1} more)` : "";
    return {
      kind: "not assessable",
      reason: `a link in it leads nowhere: ${broken[0]}${more}`,
      notes: notesOn(leftOut),
      preview: middleOf(slices),
    };
  }
  if (slices.length > 0) return chooseSlices(path, kind, held, options);
  if (pictures.length === 0) {
    const reasons = summarise(leftOut).map(({ reason, count: files }) => `${files} ${reason}`);
    throw new Error(`${path}: has no CT image and no picture (${count} files${reasons.length > 0 ? `: ${reasons.join("; ")}` : ""})`);
  }
  const told = (wanted: boolean): string[] => {
    const texts = remarks.filter(({ isWarning }) => isWarning === wanted).map(({ text }) => text);
    return kind === "file"
      ? texts
      : summarisedTexts(texts).map(({ text, count: times }) => `${times} of ${pictures.length} images: ${text}`);
  };
  return { kind: "images", images: pictures, notes: [...notesOn(leftOut), ...told(false)], warnings: told(true) };
}

const notesOn = (leftOut: readonly Dropped[]): string[] =>
  summarise(leftOut).map(({ reason, count }) => `${count} ${count === 1 ? "file" : "files"} left out: ${reason}`);

/** How often each reason was given, most often first. */
export const summarise = (leftOut: readonly Dropped[]): { readonly reason: string; readonly count: number }[] =>
  summarisedTexts(leftOut.map(({ reason }) => reason)).map(({ text, count }) => ({ reason: text, count }));

function summarisedTexts(texts: readonly string[]): { readonly text: string; readonly count: number }[] {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return [...counts].map(([text, count]) => ({ text, count })).sort((a, b) => b.count - a.count);
}

function chooseSlices(path: string, kind: "file" | "folder", { slices, leftOut }: CaseFiles, options: SourceOptions): Contents {
  const { series, dropped } = groupSeries(slices, kind === "file" ? { minSlices: 1 } : {});
  const found = notesOn([...leftOut, ...dropped]);
  if (series.length === 0)
    return { kind: "not assessable", reason: `no axial CT series: ${found.join(", ")}`, notes: [], preview: middleOf(slices) };
  const picked = pickSeries(series, path, dropped);
  const notes = [...found, ...picked.warnings];
  if (kind === "file") return oneSlice(path, picked, notes);
  const selection = selectBasalGanglia(picked, { slab: options.slab });
  if (selection.kind === "not assessable") return { ...selection, notes, series: picked, preview: middleOf(picked.slices) };
  const chosen = selection.indices.slice(0, options.slices).map((i) => picked.slices[i]);
  return {
    kind: "images",
    images: chosen.map((slice) => ({ path: slice.file, raw: rawSlice(slice) })),
    notes,
    warnings: [],
    series: picked,
  };
}

/** A slice that was named alone is looked at as a series is; whether it shows the basal ganglia is for whoever chose it. */
function oneSlice(path: string, { slices: [slice] }: CtSeries, notes: readonly string[]): Contents {
  const reason = implausible(slice);
  if (reason) return { kind: "not assessable", reason, notes, preview: rawSlice(slice) };
  const isHead = !slice.pixelSpacingMm || showsHead(slice);
  const told = isHead ? [] : ["shows no closed skull with 110 cm2 of brain inside: is it a slice of a head, at the basal ganglia?"];
  return { kind: "images", images: [{ path, raw: rawSlice(slice) }], notes: [...notes, ...told], warnings: [] };
}

const middleOf = (slices: readonly CtSlice[]): Image | null => (slices.length > 0 ? rawSlice(slices[slices.length >> 1]) : null);

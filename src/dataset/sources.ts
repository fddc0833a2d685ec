// From a case's path to its images: which files they are, and each as a small 8-bit picture. A series of CT slices gives those around the
// basal ganglia; nothing here looks at labels, so that a test case is read exactly like a training case.
import { selectBasalGanglia } from "../dicom/basal-ganglia.ts";
import { readAttributes, type Inflate } from "../dicom/data-set.ts";
import { CT_IMAGE_STORAGE } from "../dicom/dictionary.ts";
import { readCtSlice, type CtSlice } from "../dicom/read-slice.ts";
import { groupSeries, pickSeries } from "../dicom/series.ts";
import type { Window } from "../dicom/window.ts";
import { under, type ReadableFiles } from "./folder.ts";
import type { Picture } from "./image.ts";
import { readPicture, sniff } from "./picture.ts";
import { pictureOf, type RawImage } from "./raw-image.ts";

const FILE_LIMIT_BYTES = 2 ** 28;

export interface SourceOptions {
  readonly files: ReadableFiles;
  readonly inflate: Inflate;
  /** Side of the pictures that come out. */
  readonly size: number;
  readonly window: Window;
  /** At most so many slices of a series, those nearest to the centre of the basal ganglia. */
  readonly slices: number;
  /** The scans cover little more than the basal ganglia (selectBasalGanglia). */
  readonly slab: boolean;
}

/** What a case turned out to hold. An image is null where it was not read: large pictures are not held together. */
export type Contents =
  | {
      readonly kind: "images";
      readonly images: readonly { readonly path: string; readonly raw: RawImage | null }[];
      readonly notes: readonly string[];
    }
  | { readonly kind: "not assessable"; readonly reason: string };

/** Reads one image file, CT slice or picture, to [size, size, 1 or 3]. Errors name the file. */
export const readImage = async (path: string, options: SourceOptions): Promise<Picture> =>
  pictureOf(await readRaw(path, options), options.size, options.window);

/** Reads one image file, CT slice or picture, as it is. Errors name the file. */
export async function readRaw(path: string, options: SourceOptions): Promise<RawImage> {
  const bytes = await options.files.read(path, FILE_LIMIT_BYTES);
  const kind = sniff(bytes);
  if (kind === "png" || kind === "jpeg") return { unit: "grey", ...(await readPicture(bytes, path, options)) };
  const slice = await readCtSlice(bytes, path, options);
  const { series, dropped } = groupSeries([slice], { minSlices: 1 });
  if (series.length === 0) throw new Error(`${path}: cannot be used as an image: ${dropped[0].reason}`);
  return rawSlice(series[0].slices[0]);
}

const rawSlice = ({ rows, columns, hu }: CtSlice): RawImage => ({ unit: "HU", width: columns, height: rows, channels: 1, data: hu });

/**
 * Reads a case's folder. Of CT slices the one axial series counts; pictures (previews) and files that are no CT image are left out and
 * noted, and a CT image that cannot be read is an error that names it. A folder of pictures alone gives them all, in the order of names.
 */
export async function readFolder(folder: string, options: SourceOptions): Promise<Contents> {
  const names = (await options.files.list(folder)).filter((name) => !name.endsWith("/") && !name.startsWith("."));
  const paths: string[] = [];
  const slices: CtSlice[] = [];
  let foreign = 0;
  for (const path of names.map((name) => under(folder, name))) {
    const bytes = await options.files.read(path, FILE_LIMIT_BYTES);
    const kind = sniff(bytes);
    if (kind === "png" || kind === "jpeg") {
      paths.push(path);
      continue;
    }
    const slice = await readIfCt(bytes, path, kind === "unknown", options);
    if (slice) slices.push(slice);
    else foreign++;
  }
  if (slices.length > 0) return chooseSlices(folder, slices, leftOut(foreign + paths.length, "files", ["no CT images"]), options);
  if (paths.length === 0) throw new Error(`${folder}: holds no CT image and no picture (${names.length} files)`);
  return { kind: "images", images: paths.map((path) => ({ path, raw: null })), notes: leftOut(foreign, "files", ["no pictures"]) };
}

const leftOut = (count: number, what: string, reasons: Iterable<string>): string[] =>
  count > 0 ? [`${count} ${what} left out: ${[...new Set(reasons)].join("; ")}`] : [];

/** A slice; null if the file is readable as something else, or neither named DICOM by its bytes nor readable as such. */
async function readIfCt(bytes: Uint8Array, path: string, mayBeAnything: boolean, { inflate }: SourceOptions): Promise<CtSlice | null> {
  try {
    return await readCtSlice(bytes, path, { inflate });
  } catch (error) {
    const storage = await readAttributes(bytes, inflate).then(
      (attributes) => attributes.text("SOPClassUID"),
      () => null,
    );
    if (storage === null ? mayBeAnything : storage !== CT_IMAGE_STORAGE) return null;
    throw error;
  }
}

function chooseSlices(folder: string, slices: readonly CtSlice[], notes: readonly string[], options: SourceOptions): Contents {
  const { series, dropped } = groupSeries(slices);
  const picked = pickSeries(series, folder);
  const selection = selectBasalGanglia(picked, { slab: options.slab });
  if (selection.kind === "not assessable") return selection;
  const chosen = selection.indices.slice(0, options.slices).map((i) => picked.slices[i]);
  return {
    kind: "images",
    images: chosen.map((slice) => ({ path: slice.file, raw: rawSlice(slice) })),
    notes: [
      ...notes,
      ...leftOut(
        dropped.length,
        "slices",
        dropped.map(({ reason }) => reason),
      ),
      ...picked.warnings,
    ],
  };
}

// How scans become a network's images: settings of a job, also used for scoring its run.
import { BRAIN_WINDOW, type HuWindow } from "../dicom/window.ts";

/** How scans become images. Part of what determines a run's numbers. */
export interface ImageSettings {
  readonly windowHu: HuWindow;
  /** Slices of a series around the basal ganglia. */
  readonly slices: "one" | "band" | number;
  /** The series are slabs around the basal ganglia. */
  readonly slab: boolean;
  /** Multiplies the pixels once their mean is subtracted; 1 in the reference models. */
  readonly pixelScale: number;
  /** Side of the square that is cut out around the head, as a share of the longer side of the head's box. Default: the whole image. */
  readonly headCrop?: number;
  /** Each training image is learnt as its 48 variants (dataset/augmentation.ts). Default false. */
  readonly augment?: boolean;
}

export const DEFAULT_IMAGES: ImageSettings = { windowHu: BRAIN_WINDOW, slices: 3, slab: false, pixelScale: 1 };

type Metadata = Readonly<Record<string, string>>;

/** How images were made, in the metadata of a file of weights. What concerns training alone is left out. */
export const imageMetadata = ({ windowHu, slices, slab, pixelScale, headCrop }: ImageSettings): Record<string, string> => ({
  window: `${windowHu.centerHu}/${windowHu.widthHu}`,
  slices: String(slices),
  slab: String(slab),
  pixelScale: String(pixelScale),
  ...(headCrop !== undefined && { headCrop: String(headCrop) }),
});

/** The inverse of `imageMetadata`; what the metadata lacks has its default. Throws where a value is damaged. */
export function imagesFrom(metadata: Metadata): ImageSettings {
  const { window: written, slices } = metadata;
  const window = /^(-?[\d.]+)\/([\d.]+)$/.exec(written ?? "");
  if (written !== undefined && !(window && Number.isFinite(Number(window[1])) && Number(window[2]) >= 1))
    throw new Error(`window in its metadata is "${written}", expected center/width in Hounsfield units`);
  if (slices !== undefined && !/^(one|band|[1-9]\d{0,5})$/.test(slices))
    throw new Error(`slices in its metadata is "${slices}", expected one, band or a whole number`);
  return {
    windowHu: window ? { centerHu: Number(window[1]), widthHu: Number(window[2]) } : DEFAULT_IMAGES.windowHu,
    slices: slices === undefined ? DEFAULT_IMAGES.slices : slices === "one" || slices === "band" ? slices : Number(slices),
    slab: metadata["slab"] === "true",
    pixelScale: numberIn(metadata, "pixelScale", { otherwise: 1, most: Number.MAX_VALUE }),
    ...(metadata["headCrop"] !== undefined && { headCrop: numberIn(metadata, "headCrop", { otherwise: 1, most: 2 }) }),
  };
}

/** A positive number up to `most`: sizes determine allocations, and a small file must not cause large ones. */
export function numberIn(
  metadata: Metadata,
  key: string,
  { otherwise, most }: { readonly otherwise: number; readonly most: number },
): number {
  const value = metadata[key] === undefined ? otherwise : Number(metadata[key]);
  if (!(value > 0 && value <= most))
    throw new Error(`${key} in its metadata is "${metadata[key]}", expected a number above 0 and at most ${most}`);
  return value;
}

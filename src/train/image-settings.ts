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

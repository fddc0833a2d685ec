// The grey-level window: Hounsfield units to 0..255, one function for training, test and display.

export interface HuWindow {
  readonly centerHu: number;
  /** At least 1. */
  readonly widthHu: number;
}

/** Hounsfield units of air, by their definition. */
export const AIR_HU = -1000;

/** Shows 0..80 HU: brain and fresh blood. The default of this project. */
export const BRAIN_WINDOW: HuWindow = { centerHu: 40, widthHu: 80 };

/**
 * Function LINEAR of PS3.3 C.11.2.1.2, rounded to bytes. Any shape; the result has the input's length.
 * Throws for a width below 1, which the standard forbids.
 */
export function applyWindow(hu: Float32Array | Int16Array, { centerHu, widthHu }: HuWindow = BRAIN_WINDOW): Uint8Array {
  if (!(widthHu >= 1) || !Number.isFinite(centerHu))
    throw new Error(`window: expected a finite center and a width of 1 HU or more, got ${centerHu}/${widthHu}`);
  const darkest = centerHu - 0.5 - (widthHu - 1) / 2;
  const brightest = centerHu - 0.5 + (widthHu - 1) / 2;
  const grey = new Uint8Array(hu.length);
  for (let i = 0; i < grey.length; i++) {
    const x = hu[i];
    if (x <= darkest) grey[i] = 0;
    else if (x > brightest) grey[i] = 255;
    else grey[i] = Math.round(((x - (centerHu - 0.5)) / (widthHu - 1) + 0.5) * 255);
  }
  return grey;
}

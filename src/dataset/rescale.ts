// How the stored values of a 16-bit PNG become Hounsfield units: as DICOM's rescale slope and intercept, written "1/-1024".
import type { DecodedPicture, Image } from "./image.ts";

/** Hounsfield units = slope x stored value + intercept. */
export interface Rescale {
  readonly slope: number;
  readonly intercept: number;
}

/** What a person may write. */
export const RESCALE_FORM = "slope/intercept, such as 1/-1024";

/** Reads "slope/intercept"; null for anything else. */
export function parseRescale(text: string): Rescale | null {
  const match = /^(\d+(?:\.\d+)?)\/([-+]?\d+(?:\.\d+)?)$/.exec(text.trim());
  const [slope, intercept] = match ? [Number(match[1]), Number(match[2])] : [0, 0];
  return slope > 0 ? { slope, intercept } : null;
}

/** The picture in Hounsfield units. Throws, naming the file, unless it is a grey PNG of 16 bits. */
export function inHounsfield({ picture: { width, height }, stored }: DecodedPicture, file: string, { slope, intercept }: Rescale): Image {
  if (!stored) throw new Error(`${file}: a rescale is given, which is for grey PNG of 16 bits; leave it out, or save the picture so`);
  return { unit: "HU", width, height, channels: 1, data: Float32Array.from(stored, (value) => slope * value + intercept) };
}

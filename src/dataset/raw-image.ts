// An image as its file has it, and the picture that a network is shown of it.
import { applyWindow, type Window } from "../dicom/window.ts";
import { squash, type Picture } from "./image.ts";

/** Before it is resized: a slice in Hounsfield units (1 channel), or a picture's bytes, grey or red, green, blue. [height, width, channels] */
export interface RawImage {
  readonly unit: "HU" | "grey";
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  readonly data: Uint8Array | Float32Array;
}

/** Squashed to [size, size, channels] while it still has its full range, and 8-bit after that: one interpolation, before anything is clipped. */
export function pictureOf(raw: RawImage, size: number, window: Window): Picture {
  const fits = raw.width === size && raw.height === size;
  return inBytes(fits ? raw : { ...raw, width: size, height: size, data: squash(raw, size) }, window);
}

/** Hounsfield units through the window; what is grey already is rounded and cut to 0..255. */
export function inBytes({ unit, width, height, channels, data }: RawImage, window: Window): Picture {
  if (data instanceof Uint8Array) return { width, height, channels, data };
  return { width, height, channels, data: unit === "HU" ? applyWindow(data, window) : rounded(data) };
}

function rounded(data: Float32Array): Uint8Array {
  const bytes = new Uint8Array(data.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Math.round(Math.min(Math.max(data[i], 0), 255));
  return bytes;
}

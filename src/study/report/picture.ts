// Pictures of the report: windowed slices and Grad-CAM over them, as PNG data URIs, so that the page stands alone.
import { squash, type Picture, type Raster } from "../../dataset/image.ts";

export type Encode = (typeof import("fast-png"))["encode"];

/** The picture as the `src` of an image. */
export function dataUri({ width, height, channels, data }: Picture, encode: Encode): string {
  const png = encode({ width, height, channels, depth: 8, data });
  let text = "";
  for (let at = 0; at < png.length; at += CHUNK) text += String.fromCharCode(...png.subarray(at, at + CHUNK));
  return `data:image/png;base64,${btoa(text)}`;
}

/** As many arguments as a call surely takes. */
const CHUNK = 8192;

/** Of heat 0 to 1: vermilion to pale yellow, which differ in lightness too. */
const COOL = [213, 94, 0];
const HOT = [255, 244, 150];
const OPACITY = 0.75;

/** A square picture under its heat, of any size and one channel in [0, 1]: the hotter, the more opaque and the lighter. */
export function overlay({ width, height, channels, data }: Picture, heat: Raster): Picture {
  if (width !== height) throw new Error(`overlay: wants a square picture, as a network sees it, got ${width} x ${height}`);
  const heats = squash(heat, width);
  const mixed = Uint8Array.from({ length: width * height * 3 }, (_, i) => {
    const pixel = Math.floor(i / 3);
    const c = i % 3;
    const h = Math.min(1, Math.max(0, heats[pixel]));
    const under = data[channels === 3 ? i : pixel];
    return Math.round(under + (COOL[c] + (HOT[c] - COOL[c]) * h - under) * OPACITY * h);
  });
  return { width, height, channels: 3, data: mixed };
}

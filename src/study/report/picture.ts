// Pictures of the report: windowed slices and Grad-CAM over them, as PNG data URIs, so that the page stands alone.
import { squash, type Picture, type Image } from "../../dataset/image.ts";
import { heatPicture } from "../../train/grad-cam.ts";

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

/** A square picture under its heat, which is of any size and one channel. */
export function underHeat(picture: Picture, heat: Image): Picture {
  const { width, height } = picture;
  if (width !== height) throw new Error(`report: expected a square picture, got ${width} x ${height}`);
  return heatPicture(picture, squash(heat, width));
}

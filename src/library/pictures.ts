// Pictures of every kind that programs have, as 8-bit grey or colour. Loaded when the first one arrives.
import type { Image, Picture } from "../dataset/image.ts";
import type { Platform } from "../platform/platform.ts";
import { expectKind, inWords, kind } from "./check.ts";
import type { Source } from "./host.ts";
import { isSource, readSource } from "./read-source.ts";

/** Pixels in memory: what a canvas' getImageData returns, or values of one's own. */
export interface PixelData {
  /** Width in pixels. */
  readonly width: number;
  /** Height in pixels. */
  readonly height: number;
  /** 1: grey. 3: red, green, blue. 4: red, green, blue, alpha. Default: as many as the data has for each pixel. */
  readonly channels?: 1 | 3 | 4;
  /** Values from 0 to 255, [height, width, channels]: row by row from the top, the channels of a pixel side by side. */
  readonly data: Uint8Array | Uint8ClampedArray | Float32Array;
}

/** Pixels in planes, as other libraries' tensors have them: one picture, or several of one size. */
export interface PictureTensor {
  /** [channels, height, width] or [pictures, channels, height, width], with 1 channel (grey) or 3 (red, green, blue). */
  readonly shape: readonly number[];
  /** Values from 0 to 255 in that order. */
  readonly data: Uint8Array | Uint8ClampedArray | Float32Array;
}

/** Objects of a global class of a page. Where the program's types do not know the class: nothing that could be made. */
export type PageObject<Name extends string> = Name extends string
  ? typeof globalThis extends Readonly<Record<Name, { prototype: infer T }>>
    ? T
    : { readonly [Symbol.toStringTag]: Name; readonly width: never }
  : never;

/** What a page can draw, in a browser: an image, canvas or video element, an OffscreenCanvas, an ImageBitmap, a VideoFrame. */
export type DrawableImage = PageObject<
  "HTMLImageElement" | "HTMLCanvasElement" | "HTMLVideoElement" | "OffscreenCanvas" | "ImageBitmap" | "VideoFrame"
>;

/** Everything that is taken for one picture: a PNG or JPEG by path, URL, bytes, File or Blob; pixels; in a browser also what can be drawn. */
export type PictureInput = Source | Picture | PixelData | PictureTensor | DrawableImage;

const ACCEPTED =
  "a path or URL, bytes (Uint8Array, ArrayBuffer), a File, a Blob, ImageData or { width, height, data }, a tensor { shape, data }, " +
  "and in a browser an ImageBitmap, canvas, VideoFrame, video or image element";
const MOST_SIDE = 10_000;
const DRAWABLE = /^\[object (HTMLImageElement|HTMLCanvasElement|HTMLVideoElement|OffscreenCanvas|ImageBitmap|VideoFrame)\]$/;

/** The pictures of one input or of an array of them; several of a tensor with several. Throws a TypeError for anything else. */
export async function picturesOf(platform: Platform, input: unknown): Promise<Image[]> {
  if (!Array.isArray(input)) return oneInput(platform, input, "expected a picture");
  if (input.length === 0) throw new TypeError("expected at least one picture, got an array of 0");
  const pictures = await Promise.all(input.map((item, i) => oneInput(platform, item, `expected pictures, but item ${i}`)));
  return pictures.flat();
}

async function oneInput(platform: Platform, input: unknown, where: string): Promise<Image[]> {
  if (typeof input === "object" && input !== null && !ArrayBuffer.isView(input)) {
    if ("data" in input && "shape" in input) return tensorPictures(input as PictureTensor);
    if ("data" in input && "width" in input) return [pixelPicture(input as PixelData)];
    if (DRAWABLE.test(Object.prototype.toString.call(input))) return [await drawnPicture(input)];
  }
  if (isSource(input)) {
    const [{ bytes, file }, { readPicture }] = await Promise.all([readSource(platform, input), import("../dataset/picture.ts")]);
    return [await readPicture(bytes, file, platform)];
  }
  throw new TypeError(`${where}${where.includes("item") ? " is" : ", got"} ${inWords(input)}; accepted: ${ACCEPTED}`);
}

const VALUES = kind(
  (data) => data instanceof Uint8Array || data instanceof Uint8ClampedArray || data instanceof Float32Array,
  "a Uint8Array, Uint8ClampedArray or Float32Array",
);

const isSide = (side: unknown): side is number => Number.isInteger(side) && (side as number) >= 1 && (side as number) <= MOST_SIDE;

function pixelPicture({ width, height, channels, data }: PixelData): Image {
  expectKind("a picture's data", data, VALUES);
  if (!isSide(width) || !isSide(height))
    throw new TypeError(
      `a picture's width and height must be whole numbers from 1 to ${MOST_SIDE}, got ${inWords(width)} and ${inWords(height)}`,
    );
  const found = data.length / (width * height);
  if ((found !== 1 && found !== 3 && found !== 4) || (channels !== undefined && channels !== found))
    throw new TypeError(
      `a picture of ${width} x ${height} pixels must have ${channels ?? "1, 3 or 4"} values for each, ${inWords(data)} has ${Number(found.toPrecision(6))}`,
    );
  return imageOf(width, height, found, data);
}

/** The pixels as bytes, or as floats where they are; alpha is laid on white. */
function imageOf(width: number, height: number, channels: 1 | 3 | 4, data: PixelData["data"]): Image {
  expectFinite(data);
  if (channels === 4) return { width, height, channels: 3, data: onWhite(data) };
  if (data instanceof Float32Array) return { width, height, channels, data };
  return { width, height, channels, data: new Uint8Array(data.buffer, data.byteOffset, data.length) };
}

function expectFinite(data: PixelData["data"]): void {
  if (data instanceof Float32Array && !data.every(Number.isFinite))
    throw new TypeError("a picture's values must be finite, from 0 to 255; some are NaN or infinite");
}

/** Red, green and blue over white by their alpha, rounded. */
function onWhite(rgba: PixelData["data"]): Uint8Array {
  const rgb = new Uint8Array((rgba.length / 4) * 3);
  for (let i = 0, to = 0; i < rgba.length; i += 4)
    for (let c = 0; c < 3; c++, to++) rgb[to] = Math.round((rgba[i + c] * rgba[i + 3] + 255 * (255 - rgba[i + 3])) / 255);
  return rgb;
}

function tensorPictures({ shape, data }: PictureTensor): Image[] {
  expectKind("a tensor's data", data, VALUES);
  const whole = Array.isArray(shape) && shape.every((extent) => Number.isInteger(extent) && extent >= 1);
  const [pictures, channels, height, width] = whole ? (shape.length === 3 ? [1, ...shape] : shape) : [];
  const fits = whole && (shape.length === 3 || shape.length === 4) && (channels === 1 || channels === 3) && isSide(height) && isSide(width);
  if (!fits || pictures * channels * height * width !== data.length)
    throw new TypeError(
      `a tensor of pictures must be [channels, height, width] or [pictures, channels, height, width] with 1 or 3 channels, ` +
        `got [${Array.isArray(shape) ? shape.join(", ") : inWords(shape)}] and ${inWords(data)}`,
    );
  const area = height * width;
  return Array.from({ length: pictures }, (_, i) => {
    const planes = data.subarray(i * channels * area, (i + 1) * channels * area);
    const pixels = planes.slice();
    for (let c = 0; c < channels; c++) for (let at = 0; at < area; at++) pixels[at * channels + c] = planes[c * area + at];
    return imageOf(width, height, channels, pixels);
  });
}

/** The part of the canvas API that is used here. */
interface CanvasScope {
  readonly OffscreenCanvas: new (
    width: number,
    height: number,
  ) => {
    getContext(
      kind: "2d",
      options: object,
    ): {
      drawImage(image: unknown, x: number, y: number, width: number, height: number): void;
      getImageData(x: number, y: number, width: number, height: number): PixelData;
    } | null;
  };
}

type Sides = Readonly<Record<"naturalWidth" | "naturalHeight" | "videoWidth" | "videoHeight" | "displayWidth" | "displayHeight", unknown>> &
  Readonly<Record<"width" | "height", unknown>> & { decode?(): Promise<void> };

async function drawnPicture(drawable: object): Promise<Image> {
  const image = drawable as Sides;
  await image.decode?.();
  const width = image.naturalWidth ?? image.videoWidth ?? image.displayWidth ?? image.width;
  const height = image.naturalHeight ?? image.videoHeight ?? image.displayHeight ?? image.height;
  if (!isSide(width) || !isSide(height))
    throw new TypeError(
      `${inWords(drawable)} has ${inWords(width)} x ${inWords(height)} pixels: it is not loaded, was closed, or is too large`,
    );
  const context = new (globalThis as unknown as CanvasScope).OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
  if (!context) throw new Error("this browser gives no 2-D canvas to draw the picture on");
  context.drawImage(drawable, 0, 0, width, height);
  return pixelPicture(context.getImageData(0, 0, width, height));
}

/** The one picture of an input. Throws a TypeError for several. */
export async function pictureOfInput(platform: Platform, input: unknown): Promise<Image> {
  const pictures = Array.isArray(input) ? [] : await picturesOf(platform, input);
  if (pictures.length !== 1)
    throw new TypeError(`expected one picture, got ${Array.isArray(input) ? inWords(input) : `a tensor of ${pictures.length}`}`);
  return pictures[0];
}

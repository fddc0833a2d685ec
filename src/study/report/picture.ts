// Pictures of the report: slices, what a network saw of them, and occlusion maps over it, with outlines and marks, each one drawing that stands alone.
import { squash, type Picture, type Image } from "../../dataset/image.ts";
import { heatPicture } from "../../train/grad-cam.ts";
import { html, raw, type Html } from "./html.ts";
import type { Outline } from "./input.ts";

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

/** A square picture under a map of any size and one channel, the map's largest value being brightest. */
export function underMap(picture: Picture, map: Image): Picture {
  const { width, height } = picture;
  if (width !== height) throw new Error(`report: expected a square picture, got ${width} x ${height}`);
  return heatPicture(picture, squash(map, width));
}

export interface Drawing {
  readonly picture: Picture;
  /** What the drawing shows, for those who cannot see it. */
  readonly label: string;
  /** Shows each pixel as a square, as the network has it. */
  readonly pixels?: boolean;
  /** In pixels of the picture; nothing is drawn where it is empty or null. */
  readonly outline?: Outline | null;
  /** From 0 to 1, across and down. */
  readonly peak?: readonly [x: number, y: number] | null;
  /** Where the patient's right lies: marked R and L. */
  readonly right?: "left" | "right" | null;
}

/** One `<svg>`: the picture, and over it what is asked for. */
export function drawing({ picture, label, pixels = false, outline, peak, right }: Drawing, encode: Encode): Html {
  const { width, height } = picture;
  const unit = width / 100;
  return html`<svg class="slice${pixels ? " pixels" : ""}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${label}">
    <image href="${dataUri(picture, encode)}" width="${width}" height="${height}" />
    ${
      outline && outline.length > 0 ? html`<path class="blood" d="${pathOf(outline)}" stroke-width="${round(0.9 * unit)}" />` : null
    }${peak ? cross(peak[0] * width, peak[1] * height, unit) : null}${right ? marks(right, width, unit) : null}
  </svg>`;
}

const round = (value: number): number => Math.round(1000 * value) / 1000;

/** Segments as the path of an outline. */
const pathOf = (outline: Outline): string =>
  Array.from({ length: outline.length / 4 }, (_, i) => {
    const [x1, y1, x2, y2] = outline.slice(4 * i, 4 * i + 4).map((value) => Math.round(10 * value) / 10);
    return `M${x1} ${y1}L${x2} ${y2}`;
  }).join("");

const cross = (x: number, y: number, unit: number): Html => {
  const [at, arm] = [[round(x), round(y)], round(3.5 * unit)];
  const path = `M${at[0]} ${at[1]}m${-arm} 0h${2 * arm}m${-arm} ${-arm}v${2 * arm}`;
  return html`<path class="peak-edge" d="${path}" stroke-width="${round(2.6 * unit)}" /><path
      class="peak"
      d="${path}"
      stroke-width="${round(1.2 * unit)}"
    />`;
};

/** R and L at the upper corners. */
const marks = (right: "left" | "right", width: number, unit: number): Html => {
  const text = (at: "left" | "right"): Html =>
    html`<text
      x="${round(at === "left" ? 3 * unit : width - 3 * unit)}"
      y="${round(10 * unit)}"
      font-size="${round(8 * unit)}"
      text-anchor="${raw(at === "left" ? "start" : "end")}"
      >${at === right ? "R" : "L"}</text
    >`;
  return html`${text("left")}${text("right")}`;
};

// What the address asks of a page, and the parts that pages make of it.
import type { LayerNode } from "striatum/inspect";
import type { LabPicture } from "../../worker/lab.ts";
import type { Values } from "./arithmetic.ts";
import type { ControlFound, MapFound, Shown } from "./found.ts";
import type { Source } from "./source.ts";
import { LABELS } from "./text.ts";

/** What a page computes from. */
export interface PageAsked {
  readonly source: Source;
  readonly picture: LabPicture;
  /** Keys of the address. */
  readonly keys: Readonly<Record<string, string>>;
}

/** A whole number of the address, or another where it is none or out of bounds. */
export function wholeOf(keys: PageAsked["keys"], key: string, bounds: readonly [least: number, most: number], otherwise: number): number {
  const text = keys[key] ?? "";
  const value = Number(text);
  return /^\d+$/.test(text) && value >= bounds[0] && value <= bounds[1] ? value : otherwise;
}

/** A number of the address, within bounds. */
export function numberOf(keys: PageAsked["keys"], key: string, bounds: readonly [least: number, most: number], otherwise: number): number {
  const value = Number(keys[key] ?? "");
  if (keys[key] === undefined || !Number.isFinite(value)) return otherwise;
  return Math.min(bounds[1], Math.max(bounds[0], value));
}

/** One of some words. */
export const wordOf = (keys: PageAsked["keys"], key: string, words: readonly string[], otherwise: string): string =>
  words.find((word) => word === keys[key]) ?? otherwise;

/** Row and column of `at`, or the middle of a map. */
export function cellOf(
  keys: PageAsked["keys"],
  { shape: [, , rows, columns] }: Pick<LayerNode, "shape">,
): { readonly row: number; readonly column: number } {
  const [row, column] = (keys["at"] ?? "").split(",");
  return {
    row: wholeOf({ row: row ?? "" }, "row", [0, rows - 1], Math.floor(rows / 2)),
    column: wholeOf({ column: column ?? "" }, "column", [0, columns - 1], Math.floor(columns / 2)),
  };
}

/** A layer by its name. */
export function layerOf({ layers }: Source, name: string): LayerNode {
  const layer = layers.find((each) => each.name === name);
  if (!layer) throw new Error(`internal: the network of this page has no layer "${name}"`);
  return layer;
}

/** Stride and padding of a layer, and the side of its window where it has one. */
export const layingOf = ({ attributes }: LayerNode): { readonly stride: number; readonly pad: number; readonly size: number } => {
  const { stride = 1, pad = 0, size = 1 } = attributes as Readonly<Record<string, number>>;
  return { stride, pad, size };
};

export const numberControl = (
  key: string,
  label: string,
  value: number,
  [least, most, step = 1]: readonly [least: number, most: number, step?: number],
  clears: readonly string[] = [],
): ControlFound => ({ kind: "number", key, label, value, least, most, step, clears });

export const choiceControl = (
  key: string,
  label: string,
  value: string,
  options: readonly { readonly value: string; readonly text: string }[],
  clears: readonly string[] = [],
): ControlFound => ({ kind: "choice", key, label, value, options, clears });

interface MapOptions {
  readonly channel?: number | "strongest";
  readonly palette?: MapFound["palette"];
  readonly frame?: MapFound["frame"];
  readonly cell?: MapFound["cell"];
  readonly isPointed?: boolean;
  readonly folded?: number;
  readonly most?: number;
}

/** A map of a value of the network. Without a device its values travel. */
export function mapOf(
  { source }: Pick<PageAsked, "source">,
  title: string,
  { id, values }: { readonly id: string; readonly values: Values },
  options: MapOptions = {},
): MapFound {
  const { channel = 0, palette = "unsigned", frame = null, cell = null, isPointed = false, folded = 0, most = null } = options;
  const [, features, height = 1, width = 1] = values.shape;
  const [rows, columns] = folded > 0 ? [Math.ceil(features / folded), folded] : [height, width];
  const shown = source.how === "float64" ? cutOf(values, { channel, palette, folded }) : null;
  return { title, id, channel, palette, rows, columns, folded, values: shown, most, frame, cell, isPointed };
}

/** The values that a map shows. */
function cutOf(
  { shape, data }: Values,
  { channel, palette, folded }: Required<Pick<MapOptions, "channel" | "palette" | "folded">>,
): Float32Array {
  if (folded > 0) return Float32Array.from(data);
  const [, channels, rows = 1, columns = 1] = shape;
  const area = rows * columns;
  const cut = (from: number, length: number): Float32Array => Float32Array.from({ length }, (_, i) => data[from + i]);
  if (palette === "filters") {
    const colours = cut(Number(channel) * channels * area, 3 * area);
    return Float32Array.from({ length: 3 * area }, (_, i) => colours[(i % 3) * area + Math.floor(i / 3)]);
  }
  return cut((channel === "strongest" ? strongestOf({ shape, data }) : channel) * area, area);
}

/** The channel with the largest value. */
function strongestOf({ shape, data }: Values): number {
  let best = 0;
  for (let i = 1; i < data.length; i++) if (data[i] > data[best]) best = i;
  return Math.floor(best / (data.length / shape[1]));
}

/** The weight that pages about gradients look at. */
export const WEIGHT = "conv2/weight";

/** The question of all pages that go backwards, so that one graph answers them. */
export const backwards = (label: number): { readonly of: { readonly loss: number }; readonly parameters: readonly string[] } => ({
  of: { loss: label },
  parameters: [WEIGHT],
});

/** A label of the address; else the second likeliest class, whose loss is not nearly 0. */
export function labelOf(keys: PageAsked["keys"], probabilities: ArrayLike<number>): number {
  const order = Array.from(probabilities, (_, i) => i).toSorted((a, b) => probabilities[b] - probabilities[a]);
  return wholeOf(keys, "l", [0, probabilities.length - 1], order[1] ?? 0);
}

/** A choice of a class. */
export const labelControl = (value: number, labels: readonly string[]): ControlFound =>
  choiceControl(
    "l",
    LABELS.label,
    String(value),
    labels.map((text, i) => ({ value: String(i), text })),
    ["at"],
  );

/** A number in a table: four digits. */
export function few(value: number): Shown {
  if (value === 0) return 0;
  const size = Math.abs(value);
  return (size < 1e-4 || size >= 1e6 ? value.toExponential(2) : value.toPrecision(4)).replaceAll("-", "−");
}

/** A share in percent, with one decimal. */
export const percent = (share: number): number => Number((100 * share).toFixed(1));

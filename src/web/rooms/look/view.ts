// What Look shows, as the address says it.
import type { Channel, LayerNode } from "striatum/inspect";
import type { Target } from "striatum";
import type { Address } from "../../shell/address.ts";

export const TABS = ["activation", "gradient", "filter", "histogram"] as const;
export type Tab = (typeof TABS)[number];
export const SCALES = ["map", "layer", "net"] as const;
export type Scale = (typeof SCALES)[number];

/** A pixel of a map. */
export interface Pixel {
  readonly row: number;
  readonly column: number;
}

/** What is compared with: the gradient or the activation of the same element, or another picture. */
export type Versus = "gradient" | "activation" | { readonly picture: string };

/** What is shown. */
export interface View {
  readonly layer: LayerNode;
  readonly channel: number;
  /** The pinned pixel. */
  readonly pinned: Pixel | null;
  readonly tab: Tab;
  readonly scale: Scale;
  /** What gradients are of; null for the likeliest class. */
  readonly of: Target | null;
  /** Channels that are 0. */
  readonly off: readonly Channel[];
  readonly versus: Versus | null;
}

/** Channels, rows and columns of a layer's output; features are maps of one pixel. */
export function extentsOf({ shape }: Pick<LayerNode, "shape">): {
  readonly channels: number;
  readonly rows: number;
  readonly columns: number;
} {
  const [, channels, rows = 1, columns = 1] = shape;
  return { channels, rows, columns };
}

const oneOf = <T extends string>(values: readonly T[], given: string | undefined): T =>
  values.find((value) => value === given) ?? values[0];

/** A whole number below `end`; null for anything else. */
function numberBelow(end: number, text: string | undefined): number | null {
  const value = Number(text);
  return text !== undefined && /^\d+$/.test(text) && value < end ? value : null;
}

/** The view of an address; what it names wrongly is as if it were absent. The first ReLU stands for a layer that is not named. */
export function viewOf({ path, keys }: Address, layers: readonly LayerNode[]): View {
  const layer = layers.find(({ name }) => name === path) ?? layers.find(({ op }) => op === "relu") ?? layers[0];
  const { channels, rows, columns } = extentsOf(layer);
  const [rowText, columnText] = (keys["at"] ?? "").split(",");
  const [row, column] = [numberBelow(rows, rowText), numberBelow(columns, columnText)];
  return {
    layer,
    channel: numberBelow(channels, keys["c"]) ?? 0,
    pinned: row === null || column === null ? null : { row, column },
    tab: oneOf(TABS, keys["tab"]),
    scale: oneOf(SCALES, keys["scale"]),
    of: targetOf(keys["of"]),
    off: (keys["off"] ?? "").split(";").flatMap((text) => channelOf(text) ?? []),
    versus: versusOf(keys["vs"]),
  };
}

const versusOf = (text = ""): Versus | null => {
  if (text === "gradient" || text === "activation") return text;
  return text.startsWith("pic:") ? { picture: text.slice(4) } : null;
};

/** "LAYER:17" */
function channelOf(text: string): Channel | null {
  const [, layer, channel] = /^(.+):(\d+)$/.exec(text) ?? [];
  return layer === undefined ? null : { layer, channel: Number(channel) };
}

/** "class:2", "loss:2" or "LAYER:17,9,4" */
function targetOf(text = ""): Target | null {
  const [, kind, number] = /^(class|loss):(\d+)$/.exec(text) ?? [];
  if (kind !== undefined) return kind === "class" ? { class: Number(number) } : { loss: Number(number) };
  const [, layer, ...at] = /^(.+):(\d+),(\d+),(\d+)$/.exec(text) ?? [];
  if (layer === undefined) return null;
  const [channel, row, column] = at.map(Number);
  return { layer, channel, row, column };
}

/** Keys of the address for a part of a view; those at their defaults are empty. */
export function keysOf(view: Partial<Omit<View, "layer">>): Record<string, string> {
  const { channel, pinned, tab, scale, of, off, versus } = view;
  return {
    ...(channel !== undefined && { c: channel === 0 ? "" : String(channel) }),
    ...(pinned !== undefined && { at: pinned ? `${pinned.row},${pinned.column}` : "" }),
    ...(tab !== undefined && { tab: tab === TABS[0] ? "" : tab }),
    ...(scale !== undefined && { scale: scale === SCALES[0] ? "" : scale }),
    ...(of !== undefined && { of: targetText(of) }),
    ...(off !== undefined && { off: off.map(({ layer, channel: silent }) => `${layer}:${silent}`).join(";") }),
    ...(versus !== undefined && { vs: versus === null ? "" : typeof versus === "string" ? versus : `pic:${versus.picture}` }),
  };
}

function targetText(of: Target | null): string {
  if (!of) return "";
  if ("class" in of) return `class:${of.class}`;
  if ("loss" in of) return `loss:${of.loss}`;
  return `${of.layer}:${of.channel},${of.row ?? 0},${of.column ?? 0}`;
}

/** A number as the page shows it: few digits, a true minus. */
export function shown(value: number, digits = 4): string {
  if (value === 0) return "0";
  const size = Math.abs(value);
  const text = size < 1e-4 || size >= 1e6 ? value.toExponential(Math.min(3, digits - 1)) : value.toPrecision(digits);
  return text.replaceAll("-", "−");
}

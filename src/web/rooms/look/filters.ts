// Filters in the worker: the weights that make a channel, drawn and read.
import type { GpuTensor } from "striatum";
import type { LayerNode, Microscope } from "striatum/inspect";
import type { Lab } from "../../worker/lab.ts";
import type { At, Canvases, Subject } from "./subject.ts";

export interface FilterShown {
  readonly parameter: string;
  readonly rows: number;
  readonly columns: number;
  readonly inputs: number;
  /** Whether the inputs are the colours of the picture. */
  readonly inColour: boolean;
  /** Inputs with the largest norms of their slices, largest first; empty where there are too many weights to read. */
  readonly norms: readonly { readonly input: number; readonly norm: number }[];
  /** Its largest weight's magnitude; 0 where it was not read. */
  readonly largest: number;
}

/** More weights than these are drawn and not read. */
const MOST_READ = 4e6;
const NORMS = 12;

let parameterRead: { readonly scope: Microscope; readonly parameter: string; readonly values: ReturnType<Microscope["read"]> } | null =
  null;

/** Forgets the parameter that was read. */
export function forgetFilters(): void {
  parameterRead = null;
}

/** The layer whose weights make a layer's channels: itself, or what it is the ReLU of. */
function weightsOf(layers: readonly LayerNode[], name: string): string | null {
  let layer = layers.find((each) => each.name === name);
  while (layer?.op === "relu") layer = layers.find((each) => each.name === layer?.inputs[0]);
  return layer?.parameters.find((parameter) => parameter.endsWith("/weight")) ?? null;
}

/** The filter of a subject's channel; null where its layer has none. */
export async function filterOf(scope: Microscope, { layer, channel }: Subject): Promise<FilterShown | null> {
  const parameter = weightsOf(scope.layers, layer);
  if (parameter === null) return null;
  const [outputs, inputs, rows = 1, columns = 1] = scope.parameters.find(({ name }) => name === parameter)?.shape ?? [];
  const view = scope.view(`parameter:${parameter}`);
  const extent = (axis: string): number => view.shape[view.axes.indexOf(axis)] ?? 1;
  const map = view.axes.includes("row") ? { rows: extent("row"), columns: extent("column") } : { rows, columns };
  const slices = (inputs * rows * columns) / (map.rows * map.columns);
  const inColour = slices === 3 && extent("input") === 4;
  if (outputs * inputs * rows * columns > MOST_READ) return { parameter, ...map, inputs: slices, inColour, norms: [], largest: 0 };
  const { data } = await parameterValues(scope, parameter);
  const area = map.rows * map.columns;
  const norms = Array.from({ length: slices }, (_, input) => {
    const first = (channel * slices + input) * area;
    return { input, norm: Math.hypot(...data.subarray(first, first + area)) };
  });
  const largest = data
    .subarray(channel * slices * area, (channel + 1) * slices * area)
    .reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return { parameter, ...map, inputs: slices, inColour, norms: norms.toSorted((a, b) => b.norm - a.norm).slice(0, NORMS), largest };
}

/** A parameter in Caffe's order, read once: the parameters of a loaded network do not change. The last one is kept. */
function parameterValues(scope: Microscope, parameter: string): ReturnType<Microscope["read"]> {
  if (parameterRead?.scope !== scope || parameterRead.parameter !== parameter)
    parameterRead = { scope, parameter, values: scope.read(`parameter:${parameter}`) };
  return parameterRead.values;
}

/** Draws a filter: one in colour beside all others, else its slices. */
export function drawFilter(
  lab: Lab,
  scope: Microscope,
  { channel }: Subject,
  filter: FilterShown,
  { all, large, columns, gap }: Canvases,
): void {
  const view = scope.view(`parameter:${filter.parameter}`);
  if (filter.inColour) {
    lab.panels.show(all, () => [{ tensor: view, palette: "filters", scale: "map", columns, gap }]);
    lab.panels.show(large, () => [{ tensor: view, palette: "filters", scale: "map", channel }]);
    return;
  }
  const tensor = slicesOf(view, channel, filter);
  lab.panels.show(all, () => [{ tensor, palette: "signed", scale: "layer", columns, gap }]);
  lab.panels.show(large, () => [{ tensor, palette: "signed", scale: "layer", channel: filter.norms[0]?.input ?? "strongest" }]);
}

/** One output's weights as maps, one for each input. */
function slicesOf(view: GpuTensor, output: number, { inputs, rows, columns }: FilterShown): GpuTensor {
  const stride = (axis: string): number => (view.axes.includes(axis) ? view.strides[view.axes.indexOf(axis)] : 0);
  const outputs = view.shape[view.axes.indexOf("output")];
  const first = Math.floor(output / outputs) * stride("group") + (output % outputs) * stride("output");
  return {
    buffer: view.buffer,
    offset: view.offset + 4 * first,
    bytes: view.bytes - 4 * first,
    shape: [inputs, rows, columns],
    strides: [stride("input"), stride("row"), stride("column")],
    axes: ["channel", "row", "column"],
  };
}

/** One weight of a filter: its value, and of a filter in colour the three of its cell. */
export interface WeightFound {
  readonly value: number;
  /** Weights of blue, green and red; empty for others. */
  readonly colours: readonly number[];
}

/** Reads a weight of the filter that is shown; null where there is none. */
export async function weightAt(scope: Microscope, subject: Subject, at: At): Promise<WeightFound | null> {
  const filter = await filterOf(scope, subject);
  if (!filter || filter.norms.length === 0) return null;
  const { data } = await parameterValues(scope, filter.parameter);
  const weightOf = (output: number, input: number): number =>
    data[((output * filter.inputs + input) * filter.rows + at.row) * filter.columns + at.column];
  // In colour a cell is an output and has three weights; else it is an input.
  const colours = filter.inColour ? [0, 1, 2].map((input) => weightOf(at.channel, input)) : [];
  return { value: colours[0] ?? weightOf(subject.channel, at.channel), colours };
}

// The worker part of Look: draws a layer's maps, reads the element under the cursor, and computes what is asked about a channel.
import type { GpuTensor, Target } from "striatum";
import {
  microscope,
  type Channel,
  type ExcitingPicture,
  type Histogram,
  type LayerNode,
  type Look,
  type Microscope,
  type Terms,
} from "striatum/inspect";
import type { Choice, Lab } from "../../worker/lab.ts";
import type { Drawing } from "../../worker/painter.ts";
import type { Scale, Tab, Versus } from "./view.ts";

/** What is looked at: the network, the picture, and how. */
export interface Subject {
  readonly choice: Choice;
  readonly picture: string;
  readonly layer: string;
  readonly channel: number;
  readonly tab: Tab;
  /** What gradients are of; null for the likeliest class. */
  readonly of: Target | null;
  readonly off: readonly Channel[];
  readonly versus: Versus | null;
}

/** How it is drawn. */
export interface Canvases {
  /** Numbers of the panels. */
  readonly all: number;
  readonly large: number;
  readonly other: number;
  readonly scale: Scale;
  /** Maps in a row, and pixels between them. */
  readonly columns: number;
  readonly gap: number;
}

/** A class and its probability, with silenced channels and without. */
export interface ClassChange {
  readonly label: string;
  readonly before: number;
  readonly after: number;
}

/** What the page shows beside the canvases. */
export interface Shown {
  /** Id of the value that is shown; null where there is none, as a gradient that the target does not depend on. */
  readonly id: string | null;
  /** What gradients are of. */
  readonly of: Target | null;
  /** Values at which the colours begin and end. */
  readonly legend: { readonly signed: boolean; readonly least: number; readonly most: number } | null;
  readonly classes: readonly ClassChange[];
  readonly histograms: { readonly layer: Histogram; readonly channel: Histogram } | null;
  /** Side of the network's input, and of what is cut off around it. */
  readonly seen: { readonly size: number; readonly margin: number };
  /** The filter of the channel; null where the layer has none, or where it is not asked for. */
  readonly filter: FilterShown | null;
}

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

/** Number of the drawing that was asked for last, as the page counts them: what an earlier one finds is not used. */
let asked = 0;
/** A second microscope on the network that is open: for another picture, and for what a network says with nothing silenced. */
let aside: { readonly scope: Microscope; readonly of: object } | null = null;
/** Ends work that no one waits for any more. */
let leaving = new AbortController();
const asideLooks = new WeakMap<Microscope, { readonly key: string; readonly look: Promise<Look> }>();
let parameterRead: { readonly scope: Microscope; readonly parameter: string; readonly values: ReturnType<Microscope["read"]> } | null =
  null;

/** Frees what the room took. */
export function close(_lab: Lab, number: number): void {
  asked = Math.max(asked, number);
  leaving.abort(new Error("the room was left"));
  leaving = new AbortController();
  aside?.scope.dispose();
  aside = null;
  parameterRead = null;
}

/** Ends work that was overtaken; `ifCurrent` takes the error. */
function expectCurrent(number: number): void {
  if (number !== asked) throw new Error("something else was asked for");
}

/** Result of `work`; null where something else was asked for meanwhile. */
async function ifCurrent<T>(number: number, work: () => Promise<T>): Promise<T | null> {
  try {
    const result = await work();
    return number === asked ? result : null;
  } catch (error) {
    if (number !== asked) return null;
    throw error;
  }
}

async function lookAside(lab: Lab, choice: Choice, picture: string): Promise<Look> {
  const { net } = await lab.network(choice);
  if (aside?.of !== net) {
    aside?.scope.dispose();
    aside = { scope: microscope(net), of: net };
  }
  const { scope } = aside;
  const known = asideLooks.get(scope);
  if (known?.key === picture) return known.look;
  const look = lab.working("computing", () => scope.look(lab.picture(picture).pixels));
  asideLooks.set(scope, { key: picture, look });
  look.catch(() => asideLooks.delete(scope));
  return look;
}

const argmax = (values: Float32Array): number => values.indexOf(values.reduce((a, b) => Math.max(a, b)));
/** Likeliest classes by microscope, picture and silenced channels. */
const likeliest = new WeakMap<Microscope, Map<string, number>>();

interface Taken {
  readonly look: Look;
  /** What its gradients are of. */
  readonly of: Target | null;
}

let lastTaken: Promise<unknown> = Promise.resolve();

/** The look of a subject. One at a time: to find the likeliest class takes a look that the next one replaces. */
function lookOf(lab: Lab, number: number, subject: Subject): Promise<Taken> {
  const taking = lastTaken.then(() => {
    expectCurrent(number);
    return takeLook(lab, subject);
  });
  lastTaken = taking.catch(() => undefined);
  return taking;
}

async function takeLook(lab: Lab, { choice, picture, tab, of, off, versus }: Subject): Promise<Taken> {
  const silence = off.length > 0 ? { silence: off } : {};
  const differentiated = tab === "gradient" || versus === "gradient" || (tab === "histogram" && of !== null);
  if (!differentiated) return { look: await lab.look(choice, picture, silence), of: null };
  if (of) return { look: await lab.look(choice, picture, { ...silence, of }), of };
  const { scope } = await lab.network(choice);
  const known = likeliest.get(scope) ?? new Map<string, number>();
  likeliest.set(scope, known);
  const key = JSON.stringify([picture, off]);
  const likely = known.get(key) ?? argmax((await lab.look(choice, picture, silence)).probabilities);
  known.set(key, likely);
  const target = { class: likely };
  return { look: await lab.look(choice, picture, { ...silence, of: target }), of: target };
}

const idOf = ({ tab, layer }: Pick<Subject, "tab" | "layer">): string => `${tab === "gradient" ? "gradient" : "activation"}:${layer}`;

/** Draws a subject; null where another was asked for meanwhile. `number` grows with each drawing. */
export function show(lab: Lab, number: number, subject: Subject, canvases: Canvases): Promise<Shown | null> {
  asked = Math.max(asked, number);
  return ifCurrent(number, async () => {
    const { scope, net } = await lab.network(subject.choice);
    const { look, of } = await lookOf(lab, number, subject);
    const id = idOf(subject);
    const has = look.values.some((value) => value.id === id);
    const base = subject.off.length > 0 ? (await lookAside(lab, subject.choice, subject.picture)).probabilities : look.probabilities;
    const filter = subject.tab === "filter" ? await filterOf(scope, subject) : null;
    const [corner, ...counted] = await Promise.all([
      look.terms("activation:data", { channel: 0 }),
      ...(has ? [look.histogram(id), look.histogram(id, channelOf(look, id, subject.channel))] : []),
    ]);
    const histograms = has ? { layer: counted[0], channel: counted[1] } : null;
    // A map of one pixel would always have the full colour.
    const scaling = canvases.scale === "map" && histograms?.channel.count === 1 ? "layer" : canvases.scale;
    const largest = scaling === "net" && has ? await largestOfNet(look, subject.tab === "gradient" ? "gradient" : "activation") : 0;
    const other = await otherOf(lab, subject, look);
    expectCurrent(number);

    const signed = (tensorId: string): boolean => tensorId.startsWith("gradient:") || (histograms?.layer.least ?? -1) < 0;
    const scale = scaling === "net" ? largest : scaling;
    const maps = (tensor: GpuTensor, tensorId: string): Omit<Drawing, "at"> => ({
      tensor,
      palette: signed(tensorId) ? "signed" : "unsigned",
      scale,
    });
    if (filter) drawFilter(lab, scope, subject, filter, canvases);
    else if (has) {
      const drawing = maps(look.view(id), id);
      lab.panels.show(canvases.all, () => [{ ...drawing, columns: canvases.columns, gap: canvases.gap }]);
      lab.panels.show(canvases.large, () => [{ ...drawing, channel: subject.channel }]);
    } else for (const panel of [canvases.all, canvases.large]) lab.panels.show(panel, null);
    lab.panels.show(canvases.other, other && (() => [{ ...maps(other.tensor, other.id), channel: subject.channel }]));

    const top = [...base.keys()]
      .toSorted((a, b) => Math.max(base[b], look.probabilities[b]) - Math.max(base[a], look.probabilities[a]))
      .slice(0, 5);
    const { least, most } = rangeOf(scaling, histograms, largest);
    return {
      id: has ? id : null,
      of,
      legend: subject.tab === "filter" ? legendOf(filter) : has ? { signed: signed(id), least, most } : null,
      classes: top.map((i) => ({ label: net.labels[i], before: base[i], after: look.probabilities[i] })),
      histograms,
      seen: { size: sizeOf(look), margin: corner.terms[0].row },
      filter,
    };
  });
}

/** Colours of one filter's slices; those of a filter in colour are its own. */
const legendOf = (filter: FilterShown | null): Shown["legend"] =>
  filter && !filter.inColour && filter.largest > 0 ? { signed: true, least: -filter.largest, most: filter.largest } : null;

const sizeOf = (look: Look): number => look.values.find(({ id }) => id === "activation:data")?.shape[2] ?? 1;
const channelOf = (look: Look, id: string, channel: number): { readonly channel?: number } =>
  (look.values.find((value) => value.id === id)?.shape.length ?? 0) < 2 ? {} : { channel };

function rangeOf(scale: Scale, histograms: Shown["histograms"], largest: number): { readonly least: number; readonly most: number } {
  if (!histograms || scale === "net") return { least: 0, most: largest };
  const { least, largest: most } = scale === "map" ? histograms.channel : histograms.layer;
  return { least, most };
}

const largestOfNets = new WeakMap<Look, Map<string, Promise<number>>>();

/** The largest magnitude of all activations, or of all gradients of activations. */
function largestOfNet(look: Look, kind: "activation" | "gradient"): Promise<number> {
  const known = largestOfNets.get(look) ?? new Map<string, Promise<number>>();
  largestOfNets.set(look, known);
  const counting =
    known.get(kind) ??
    look.values
      .filter((value) => value.kind === kind && value.shape.length > 1 && !/\/(weight|bias)$/.test(value.id) && value.name !== "data")
      .reduce(async (before, { id }) => {
        const most = await before;
        const { least, largest } = await look.histogram(id);
        return Math.max(most, Math.abs(least), Math.abs(largest));
      }, Promise.resolve(0));
  known.set(kind, counting);
  return counting;
}

/** What is compared with. */
async function otherOf(
  lab: Lab,
  { versus, choice, layer }: Subject,
  look: Look,
): Promise<{ readonly tensor: GpuTensor; readonly id: string; readonly look: Look } | null> {
  if (!versus) return null;
  const id = typeof versus === "string" ? `${versus}:${layer}` : `activation:${layer}`;
  const from = typeof versus === "string" ? look : await lookAside(lab, choice, versus.picture);
  return from.values.some((value) => value.id === id) ? { tensor: from.view(id), id, look: from } : null;
}

/** The layer whose weights make a layer's channels: itself, or what it is the ReLU of. */
function weightsOf(layers: readonly LayerNode[], name: string): string | null {
  let layer = layers.find((each) => each.name === name);
  while (layer?.op === "relu") layer = layers.find((each) => each.name === layer?.inputs[0]);
  return layer?.parameters.find((parameter) => parameter.endsWith("/weight")) ?? null;
}

async function filterOf(scope: Microscope, { layer, channel }: Subject): Promise<FilterShown | null> {
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

function drawFilter(lab: Lab, scope: Microscope, { channel }: Subject, filter: FilterShown, { all, large, columns, gap }: Canvases): void {
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

/** Position of an element; of filters, the input is the channel. */
export interface At {
  readonly channel: number;
  readonly row: number;
  readonly column: number;
}

/** What is known of one element. */
export interface ElementShown {
  readonly at: At;
  /** The value as it was read. */
  readonly value: number;
  readonly terms: Terms | null;
  /** Why there are none; empty where there are. */
  readonly why: string;
  /** The same element of what is compared with. */
  readonly other: number | null;
  /** Of a filter of colours, the weights of blue, green and red; else empty. */
  readonly colours: readonly number[];
}

/** Reads one element of a drawing and its arithmetic; null where another was asked for meanwhile, and where there is nothing. */
export function element(lab: Lab, number: number, subject: Subject, at: At): Promise<ElementShown | null> {
  return ifCurrent(number, async () => {
    if (subject.tab === "filter") return weight(lab, subject, at);
    const { look } = await lookOf(lab, number, subject);
    const id = idOf(subject);
    if (!look.values.some((value) => value.id === id)) return null;
    const other = await otherOf(lab, subject, look);
    const found = await look.terms(id, at).catch((error: Error) => {
      if (error instanceof TypeError) return error; // what is given, or computed by an op that has no terms
      throw error;
    });
    return {
      at,
      value: await valueAt(look, id, at),
      ...(found instanceof Error ? { terms: null, why: found.message.replace(/^terms: /, "") } : { terms: found, why: "" }),
      other: other && (await valueAt(other.look, other.id, at)),
      colours: [],
    };
  });
}

async function valueAt(look: Look, id: string, { channel, row, column }: At): Promise<number> {
  const isMap = look.values.find((value) => value.id === id)?.shape.length === 4;
  const { data } = await look.read(id, isMap ? { window: { row, column, rows: 1, columns: 1 } } : {});
  return data[channel];
}

async function weight(lab: Lab, subject: Subject, at: At): Promise<ElementShown | null> {
  const { scope } = await lab.network(subject.choice);
  const filter = await filterOf(scope, subject);
  if (!filter || filter.norms.length === 0) return null;
  const { data } = await parameterValues(scope, filter.parameter);
  const weightOf = (output: number, input: number): number =>
    data[((output * filter.inputs + input) * filter.rows + at.row) * filter.columns + at.column];
  // In colour a cell is an output and has three weights; else it is an input.
  const colours = filter.inColour ? [0, 1, 2].map((input) => weightOf(at.channel, input)) : [];
  return { at, value: colours[0] ?? weightOf(subject.channel, at.channel), terms: null, why: "", other: null, colours };
}

/** The most exciting pictures of one channel, and of how many. */
export interface ExcitingShown {
  readonly pictures: number;
  readonly found: readonly (ExcitingPicture & { readonly id: string; readonly name: string })[];
}

const excitingOf = new WeakMap<Microscope, Map<string, ReturnType<Microscope["exciting"]>>>();

/** The pictures of the set that excite a channel most. All channels of the layer are looked through at once, so that others come without a pass. */
export async function exciting(lab: Lab, { choice, layer, channel }: Subject): Promise<ExcitingShown> {
  const { scope } = await lab.network(choice);
  const ids = [...lab.pictures.keys()];
  const key = JSON.stringify([layer, ids]);
  const known = excitingOf.get(scope) ?? new Map<string, ReturnType<Microscope["exciting"]>>();
  excitingOf.set(scope, known);
  const pictures = ids.map((id) => lab.picture(id).pixels);
  const finding =
    known.get(key) ??
    lab.working("looking through the pictures", (onProgress) => scope.exciting(pictures, { layer, onProgress, signal: leaving.signal }));
  known.set(key, finding);
  finding.catch(() => known.delete(key));
  const { channels } = await finding;
  return {
    pictures: ids.length,
    found: channels[channel].map((each) => ({ ...each, id: ids[each.picture], name: lab.picture(ids[each.picture]).name })),
  };
}

/** Whether a layer's pictures were looked through already. */
export async function knowsExciting(lab: Lab, { choice, layer }: Subject): Promise<boolean> {
  const { scope } = await lab.network(choice);
  return excitingOf.get(scope)?.has(JSON.stringify([layer, [...lab.pictures.keys()]])) ?? false;
}

/** A map of what a class's score rests on, over the picture. */
export interface Explained {
  readonly method: "grad-cam" | "occlusion";
  readonly label: string;
  readonly passes: number;
  readonly milliseconds: number;
  readonly overlay: ImageBitmap | null;
}

const CELLS = 8;

/** Grad-CAM or occlusion of the likeliest class, or of the class that gradients are of. */
export async function explain(lab: Lab, { choice, picture, layer, of }: Subject, method: Explained["method"]): Promise<Explained> {
  const { net } = await lab.network(choice);
  const { pixels } = lab.picture(picture);
  const asClass = of && "class" in of ? { class: of.class } : {};
  const options = method === "grad-cam" ? { method, layer } : { method, cells: CELLS };
  const start = performance.now();
  const { label, overlay } = await lab.working(method, () => net.explain(pixels, { ...asClass, ...options }));
  const milliseconds = performance.now() - start;
  const passes = method === "grad-cam" ? 2 : CELLS ** 2 + 1;
  return { method, label, passes, milliseconds, overlay: overlay && (await bitmapOf(overlay)) };
}

function bitmapOf({
  width,
  height,
  data,
}: {
  readonly width: number;
  readonly height: number;
  readonly data: ArrayLike<number>;
}): Promise<ImageBitmap> {
  const channels = data.length / (width * height);
  const rgba = new Uint8ClampedArray(width * height * 4).fill(255);
  for (let i = 0; i < width * height; i++) for (let c = 0; c < 3; c++) rgba[4 * i + c] = data[channels * i + (channels === 1 ? 0 : c)];
  return createImageBitmap(new ImageData(rgba, width, height));
}

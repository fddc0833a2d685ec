// The worker part of Look: draws a layer's maps, reads the element under the cursor, and computes what is asked about a channel.
import type { GpuTensor, Target } from "striatum";
import { microscope, type Histogram, type Look, type Microscope, type Terms } from "striatum/inspect";
import type { Choice, Lab } from "../../worker/lab.ts";
import type { Drawing } from "../../worker/painter.ts";
import { drawFilter, filterOf, forgetFilters, weightAt, type FilterShown } from "./filters.ts";
import { endQuestions } from "./questions.ts";
import type { At, Canvases, Subject } from "./subject.ts";
import type { Scale } from "./view.ts";

export { exciting, explain, knowsExciting } from "./questions.ts";

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

/** Number of the drawing that was asked for last, as the page counts them: what an earlier one finds is not used. */
let asked = 0;
/** A second microscope on the network that is open: for another picture, and for what a network says with nothing silenced. */
let aside: { readonly scope: Microscope; readonly of: object } | null = null;
const asideLooks = new WeakMap<Microscope, { readonly key: string; readonly look: Promise<Look> }>();

/** Frees what the room took. */
export function close(_lab: Lab, number: number): void {
  asked = Math.max(asked, number);
  endQuestions();
  aside?.scope.dispose();
  aside = null;
  forgetFilters();
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
    if (subject.tab === "filter") {
      const weight = await weightAt((await lab.network(subject.choice)).scope, subject, at);
      return weight && { at, ...weight, terms: null, why: "", other: null };
    }
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

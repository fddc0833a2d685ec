// The worker part of Learn: one run at a time, which goes on step by step as the page asks.
import { alexnet, googlenet } from "striatum";
import type { ParameterInfo } from "striatum/inspect";
import type { EvaluationResult } from "striatum/trainer";
import type { Lab } from "../../worker/lab.ts";
import { current, hold } from "./current.ts";
import type { OwnFile } from "./data.ts";
import { DataShelf, Learner, type Advance, type AdvanceOptions } from "./learner.ts";
import type { RateFrom, Settings } from "./settings.ts";

/** What the page shows of a run that was opened. */
export interface Opened {
  readonly labels: readonly string[];
  readonly training: number;
  readonly heldOut: number;
  /** Parameters that scoring has too: not those of auxiliary heads. */
  readonly parameters: readonly ParameterInfo[];
  /** Filters of the first layer. */
  readonly filters: number;
  /** Hash of parameters and momenta at the start. */
  readonly hash: string;
}

/** A picture of the last batch. */
export interface BatchPicture {
  readonly pixels: Uint8Array;
  readonly side: number;
  readonly label: string;
  readonly likeliest: string;
  readonly probability: number;
}

const shelf = new DataShelf();

/** Draws the pictures and opens a run at step 0; another that was open is closed. */
export async function start(lab: Lab, settings: Settings, rates: readonly RateFrom[]): Promise<Opened> {
  close(lab);
  const device = await lab.device();
  const data = await lab.working("drawing pictures", () => shelf.get(settings, (done, of) => lab.progress("drawing pictures", done, of)));
  const opened = await lab.working("opening the run", () => Learner.open(device, settings, { data, rates }));
  hold(opened);
  const first = opened.scope.parameters[0];
  const used = new Set(opened.scope.layers.flatMap(({ parameters }) => parameters));
  return {
    labels: data.labels,
    training: data.training.length,
    heldOut: data.heldOut.length,
    parameters: opened.scope.parameters.filter(({ name }) => used.has(name)),
    filters: first.shape[0],
    hash: await opened.hash(),
  };
}

/** Takes steps, at the rates of the run. */
export const advance = (_lab: Lab, rates: readonly RateFrom[], options: AdvanceOptions): Promise<Advance> => {
  current().setRates(rates);
  return current().advance(options);
};

/** Goes back to the last mark at or before a step, and says which step that is. */
export const back = (_lab: Lab, step: number): Promise<number> => current().back(step);

/** Hash of parameters and momenta as they are. */
export const hash = (_lab: Lab): Promise<string> => current().hash();

/** The pictures of the last batch with what the network says of them now. */
export async function batch(_lab: Lab): Promise<BatchPicture[]> {
  const { trainer, data } = current();
  if (trainer.steps === 0) return [];
  const { pictures, labels, probabilities } = await trainer.batch();
  return pictures.map(({ width, data: pixels }, i) => {
    const p = probabilities[i];
    const best = p.reduce((at, value, k) => (value > p[at] ? k : at), 0);
    return { pixels: pixels as Uint8Array, side: width, label: data.labels[labels[i]], likeliest: data.labels[best], probability: p[best] };
  });
}

/** Draws the first layer's filters as they are. */
export function filters(lab: Lab, panel: number, columns: number, gap: number): void {
  const { scope } = current();
  const tensor = scope.view(scope.parameters[0].id);
  lab.panels.show(panel, () => [{ tensor, palette: "filters", scale: "layer", columns, gap }]);
}

/** Scores the pictures that are held out. */
export const heldOut = (_lab: Lab): Promise<EvaluationResult> => current().trainer.evaluate(current().data.heldOut);

/** The weights as a file. Other rooms can open it under this name from then on. */
export async function save(lab: Lab, name: string): Promise<Blob> {
  const { trainer, settings } = current();
  const path = "learn/weights.safetensors";
  await trainer.save(path);
  const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle("learn");
  const file = await (await folder.getFileHandle("weights.safetensors")).getFile();
  const bytes = await file.arrayBuffer();
  await folder.removeEntry("weights.safetensors");
  const family = { alexnet, googlenet }[settings.net];
  lab.dropped.set(name, (device) => family.load(device, new Uint8Array(bytes)));
  return new Blob([bytes]);
}

/** Takes pictures that the visitor dropped, each with the folder that names its class. */
export function take(_lab: Lab, own: readonly OwnFile[]): void {
  shelf.take(own);
}

/** Frees the run, once no canvas draws from its memory any more. */
function close(lab: Lab): void {
  lab.panels.clear();
  hold(null);
}

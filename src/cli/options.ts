// Options of several commands: names, accepted values, and errors for wrong values.
import { InvalidArgumentError, Option } from "commander";
import { openEngine } from "../engine/engine.ts";
import type { Engine } from "../engine/engine.ts";
import { STORAGES, type Storage } from "../engine/planner.ts";
import { FAMILIES, MATH_MODES, NAMED_FAMILIES, type Family, type MathMode } from "../kernels/kernel.ts";
import { networks } from "../models/index.ts";
import { PASSES, type PassName } from "../passes/index.ts";
import { openNodePlatform } from "../platform/node.ts";
import type { HuWindow } from "../dicom/window.ts";
import { parseRescale, RESCALE_FORM, type Rescale } from "../dataset/rescale.ts";
import { TUNE, type TuningOptions } from "./tuning.ts";

export const netOption = (): Option => new Option("--net <net>", "network").choices(Object.keys(networks)).makeOptionMandatory();

export const familyOption = (): Option =>
  new Option("--family <family>", "kernel family to prefer (default: chosen for the adapter); the textbook family is the fallback").choices(
    [...FAMILIES, ...NAMED_FAMILIES],
  );

/** Families for a session from `--family`. */
export const familiesOf = (family: Family | undefined): { families?: readonly Family[] } => (family ? { families: [family] } : {});

export const mathOption = (): Option =>
  new Option(
    "--math <mode>",
    "exact; fast, which adds Winograd kernels with larger, bounded errors; or half, which multiplies half floats on matrix units and scales the loss",
  )
    .choices(MATH_MODES)
    .default("exact")
    .conflicts("family");

export const storageOption = (): Option =>
  new Option(
    "--storage <format>",
    "format of values between two kernels: f32, or f16 (two half floats per word); sums and parameters are always f32",
  )
    .choices(STORAGES)
    .default("f32");

/** "all", "none", "relu-epilogue,...", or what to leave out: "-relu-epilogue,...". */
export const passesOption = (): Option =>
  new Option("--passes <list>", `graph passes: all, none, a list, or -NAME to leave one out; the passes are ${PASSES.join(", ")}`)
    .argParser(passesNamed)
    .default(PASSES, "all");

/** The passes that a list names, in the order in which they run. */
export function passesNamed(list: string): PassName[] {
  const words = list.split(",").map((word) => word.trim());
  const named = new Set<PassName>(words[0].startsWith("-") ? PASSES : []);
  for (const word of words) {
    const pass = PASSES.find((name) => name === word.replace(/^-/, ""));
    if (pass && word.startsWith("-")) named.delete(pass);
    else if (pass) named.add(pass);
    else if (word === "all") for (const each of PASSES) named.add(each);
    else if (word === "none") named.clear();
    else
      throw new InvalidArgumentError(`there is no pass "${word}": write all, none, or some of ${PASSES.join(", ")}; -NAME leaves one out.`);
  }
  return PASSES.filter((pass) => named.has(pass));
}

/** An option of `openTuning`, with the next. */
export const tuneOption = (): Option =>
  new Option(
    "--tune <how>",
    "choose kernels by measurement: off, cached (earlier measurements of this machine), full (first measure what is missing)",
  )
    .choices(TUNE)
    .default("off")
    .conflicts("family");

export const tuningTableOption = (): Option =>
  new Option(
    "--tuning-table <file>",
    "choose kernels by this table of `npx striatum tune`; the same seed and table give the same bits",
  ).conflicts(["family", "tune"]);

/** What the commands that run a network's step on noise share: which network, how large, and how its kernels are chosen. */
export const stepOptions = (): Option[] => [
  netOption(),
  new Option("--batch <n>", "images per step").argParser(whole(1)).default(4),
  new Option("--steps <n>", "timed steps, after two warm-up steps").argParser(whole(1)).default(10),
  new Option("--classes <n>", "classes").argParser(whole(2)).default(1000),
  new Option("--width <share>", "share of the paper's channels: 1, 1/2, 1/4 ...").argParser(share).default(1),
  new Option("--size <pixels>", "side of the network's input (default: the paper's)").argParser(whole(32)),
  familyOption(),
  mathOption(),
  storageOption(),
  tuneOption(),
  tuningTableOption(),
];

export interface StepOptions extends TuningOptions {
  readonly net: string;
  readonly batch: number;
  readonly steps: number;
  readonly classes: number;
  readonly width: number;
  readonly size?: number;
  readonly family?: Family;
  readonly math: MathMode;
  readonly storage: Storage;
}

/** A whole number of at least `least`. */
export const whole =
  (least: number) =>
  (text: string): number => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < least)
      throw new InvalidArgumentError(`expected a whole number of at least ${least}.`);
    return value;
  };

export function positive(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !(value > 0) || !Number.isFinite(value)) throw new InvalidArgumentError("expected a number greater than 0.");
  return value;
}

/** "1/4" or "0.25": a share in (0, 1]. */
export function share(text: string): number {
  const [top, bottom, ...rest] = text.split("/").map(Number);
  const value = bottom === undefined ? top : top / bottom;
  if (rest.length > 0 || !(value > 0 && value <= 1))
    throw new InvalidArgumentError("expected a share above 0 and at most 1, such as 1, 1/2 or 0.25.");
  return value;
}

/** "40/80": window center and width in Hounsfield units. */
export function windowOption(text: string): HuWindow {
  const match = /^(-?\d+(?:\.\d+)?)\/(\d+(?:\.\d+)?)$/.exec(text);
  if (!match || Number(match[2]) < 1) throw new InvalidArgumentError("expected center/width in Hounsfield units, such as 40/80.");
  return { centerHu: Number(match[1]), widthHu: Number(match[2]) };
}

/** "1/-1024": slope and intercept. */
export function rescaleOption(text: string): Rescale {
  const rescale = parseRescale(text);
  if (!rescale) throw new InvalidArgumentError(`expected ${RESCALE_FORM}.`);
  return rescale;
}

/** "conv1,fc*", also as separate words: layers by name or beginning. */
export const layersOption = (text: string, before: string[] | undefined): string[] => [
  ...(before ?? []),
  ...text.split(/[,\s]+/).filter((name) => name !== ""),
];

/** "one", "band" or a number of slices. */
export function slicesOption(text: string): "one" | "band" | number {
  return text === "one" || text === "band" ? text : whole(1)(text);
}

/** Opens the engine in Node, runs `work`, and disposes of the device in any case. */
export async function withEngine<T>(work: (engine: Engine) => Promise<T>): Promise<T> {
  const engine = await openEngine(await openNodePlatform());
  try {
    return await work(engine);
  } finally {
    engine.dispose();
  }
}

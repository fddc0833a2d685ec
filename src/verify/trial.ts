// An edited kernel in the place of a launch's own: whether it compiles, ends, stays inside its arrays, equals the float64 definition, and how fast it is.
import { readParts } from "../engine/buffers.ts";
import type { Engine } from "../engine/engine.ts";
import { timePasses } from "../engine/timestamps.ts";
import { BYTES_PER_ELEMENT, type Shape } from "../tensor/shape.ts";
import { GUARD, guardVariant } from "./guard-variant.ts";
import { KernelBench, STORAGE, UNSTORED, type BenchKernel, type Compiled, type CompilerMessage } from "./kernel-bench.ts";
import { wordsOf, type LaunchSetup } from "./launch-setup.ts";

export interface TrialOptions {
  readonly wgsl: string;
  /** Default: the launch's own. */
  readonly workgroups?: readonly [number, number, number] | undefined;
  /** How often both kernels are timed, where the device has timestamps. */
  readonly repeats: number;
}

export interface ComparedOutput {
  readonly port: string;
  readonly value: string;
  readonly shape: Shape;
  readonly found: Float64Array;
  readonly exact: Float64Array;
  readonly bound: Float64Array;
  /** Error over bound of each element; Infinity where it is not a number. */
  readonly ratios: Float32Array;
}

export interface Worst {
  readonly output: string;
  readonly index: number;
  readonly position: readonly number[];
  readonly found: number;
  readonly exact: number;
  readonly error: number;
  readonly bound: number;
  readonly ratio: number;
}

export interface TrialVerdict {
  readonly elements: number;
  readonly wrong: number;
  readonly notFinite: number;
  readonly unstored: number;
  readonly strays: number;
  readonly unsteady: number;
  readonly worst: Worst;
  readonly outputs: readonly ComparedOutput[];
}

export interface TrialTimes {
  readonly milliseconds: number;
  readonly original: number;
  readonly spread: readonly [least: number, most: number];
}

export interface Trial {
  readonly messages: readonly CompilerMessage[];
  readonly compiles: boolean;
  /** Null where it does not compile, and where the text could not be guarded. Outside are only those that the launch's own kernel does not have. */
  readonly guarded: { readonly endless: boolean; readonly outside: Readonly<Record<string, number>> } | null;
  /** Null where it does not compile or does not end. */
  readonly verdict: TrialVerdict | null;
  readonly times: TrialTimes | null;
}

/** Tries a kernel. What goes wrong with the kernel is in the result; a lost device throws. */
export async function tryKernel(engine: Engine, setup: LaunchSetup, { wgsl, workgroups, repeats }: TrialOptions): Promise<Trial> {
  using bench = new KernelBench(engine, setup);
  const { kernel, messages } = await bench.compile(wgsl);
  if (!kernel) return { messages, compiles: false, guarded: null, verdict: null, times: null };
  const guarded = await runGuarded(bench, wgsl, workgroups);
  if (guarded?.endless) return { messages, compiles: true, guarded, verdict: null, times: null };
  const all = await Promise.all(setup.launches.map(({ wgsl: text }, at) => bench.compile(text, setup.launches[at])));
  const recorders = all.map((made, at) => bench.recorder(kernelOf(made), { at }));
  const original = recorders[setup.at];
  const edited = bench.recorder(kernel, { workgroups });
  recorders[setup.at] = edited;
  const run = async (): Promise<Uint32Array[]> => {
    bench.reset();
    bench.submit(recorders);
    return bench.read();
  };
  const [first, second] = [await run(), await run()];
  const verdict = compared(bench, first, second);
  return { messages, compiles: true, guarded, verdict, times: await timed(engine, { original, edited, repeats }) };
}

function kernelOf({ kernel, messages }: Compiled): BenchKernel {
  if (!kernel) throw new Error(`internal: a launch's own kernel does not compile: ${messages.map(({ message }) => message).join("; ")}`);
  return kernel;
}

/** What the launch's own kernel does, by setup. */
const originals = new WeakMap<LaunchSetup, GuardedRun>();
const MOST_ROUNDS = 2 ** 24;

/** Runs a kernel that cannot hang. An edited one may go round many more times than the launch's own, for it may give an invocation more to do. */
async function runGuarded(bench: KernelBench, wgsl: string, workgroups: TrialOptions["workgroups"]): Promise<Trial["guarded"]> {
  const { launch, setup } = bench;
  const original = originals.get(setup) ?? (await guardedRun(bench, launch.wgsl, MOST_ROUNDS, launch.workgroups));
  if (!original) throw new Error(`internal: ${launch.name} cannot be guarded`);
  originals.set(setup, original);
  const found = await guardedRun(bench, wgsl, Math.min(MOST_ROUNDS, 64 * original.rounds + 2 ** 16), workgroups ?? launch.workgroups);
  if (!found) return null;
  // Some kernels read beyond an end what they then do not use.
  const outside = Object.entries(found.outside).filter(([name, count]) => count > (original.outside[name] ?? 0));
  return { endless: found.ended, outside: Object.fromEntries(outside) };
}

interface GuardedRun {
  readonly ended: boolean;
  readonly rounds: number;
  readonly outside: Readonly<Record<string, number>>;
}

async function guardedRun(
  bench: KernelBench,
  wgsl: string,
  rounds: number,
  workgroups: readonly [number, number, number],
): Promise<GuardedRun | null> {
  const { engine, launch } = bench;
  const binding = 1 + Math.max(...launch.bindings.map((each) => each.binding));
  for (const apart of [false, true]) {
    const variant = guardVariant(wgsl, { binding, rounds, apart });
    const { kernel } = await bench.compile(variant.wgsl, launch, [{ name: "guard", binding, access: "read_write" }]);
    if (!kernel) continue;
    const words = GUARD.counts + variant.arrays.length;
    const guard = engine.createBuffer("bench", words * BYTES_PER_ELEMENT, STORAGE);
    try {
      bench.reset();
      bench.submit([bench.recorder(kernel, { workgroups, instead: { guard } })]);
      const [read] = await readParts(engine, [{ buffer: guard, offset: 0, bytes: guard.size, elements: words }]);
      const counts = new Uint32Array(read.buffer);
      const outside = variant.arrays.map((name, i) => [name, counts[GUARD.counts + i]] as const).filter(([, count]) => count > 0);
      return { ended: counts[GUARD.ended] > 0, rounds: counts[GUARD.rounds], outside: Object.fromEntries(outside) };
    } finally {
      engine.free([guard]);
    }
  }
  return null;
}

/** What lies in memory after two runs against the definition. */
function compared(bench: KernelBench, memory: readonly Uint32Array[], again: readonly Uint32Array[]): TrialVerdict {
  const { setup, contents } = bench;
  const { exact, bound } = bench.definition();
  const own = memory.map((words) => new Uint8Array(words.length));
  const counts = { elements: 0, wrong: 0, notFinite: 0, unstored: 0, unsteady: 0 };
  const worsts: Worst[] = [];
  const outputs = Object.entries(setup.outputs).map(([port, place]): ComparedOutput => {
    const words = wordsOf(place);
    const bits = words.map((word) => memory[place.region][word]);
    const found = Float64Array.from(place.dtype === "u32" ? bits : new Float32Array(bits.buffer));
    const ratios = Float32Array.from(found, (value, i) => ratioOf(value, exact[port][i], bound[port][i]));
    let worst = 0;
    words.forEach((word, i) => {
      own[place.region][word] = 1;
      if (ratios[i] > ratios[worst]) worst = i;
      counts.wrong += ratios[i] > 1 ? 1 : 0;
      counts.notFinite += !Number.isFinite(found[i]) && Number.isFinite(exact[port][i]) ? 1 : 0;
      counts.unstored += bits[i] === UNSTORED ? 1 : 0;
      counts.unsteady += bits[i] === again[place.region][word] ? 0 : 1;
    });
    counts.elements += words.length;
    const error = Math.abs(found[worst] - exact[port][worst]);
    worsts.push({
      output: port,
      index: worst,
      position: positionOf(worst, place.shape),
      found: found[worst],
      exact: exact[port][worst],
      error,
      bound: bound[port][worst],
      ratio: ratios[worst],
    });
    return { port, value: setup.outputNames[port], shape: place.shape, found, exact: exact[port], bound: bound[port], ratios };
  });
  markScratch(bench, own);
  const strays = memory.reduce(
    (sum, words, region) =>
      sum + words.reduce((count, word, i) => count + (own[region][i] === 0 && word !== contents[region][i] ? 1 : 0), 0),
    0,
  );
  return { ...counts, strays, worst: worsts.reduce((a, b) => (b.ratio > a.ratio ? b : a)), outputs };
}

/** Memory that may change besides the outputs: what lies in no input, beside the last numbers of an output, and padding. */
function markScratch({ setup }: KernelBench, own: readonly Uint8Array[]): void {
  const taken = new Set([...Object.values(setup.inputPlaces), ...Object.values(setup.outputs)].map(({ region }) => region));
  own.forEach((words, region) => {
    if (!taken.has(region)) words.fill(1);
  });
  for (const place of Object.values(setup.outputs)) {
    const words = wordsOf(place);
    const end = words[words.length - 1] + 1;
    own[place.region].fill(1, end, Math.ceil(end / 4) * 4);
  }
}

function ratioOf(found: number, exact: number, bound: number): number {
  if (found === exact || (Number.isNaN(found) && Number.isNaN(exact))) return 0;
  const error = Math.abs(found - exact);
  return Number.isFinite(error) && bound > 0 ? error / bound : Infinity;
}

/** A position by axis. */
function positionOf(index: number, shape: Shape): number[] {
  const position: number[] = [];
  let rest = index;
  for (const extent of shape.toReversed()) {
    position.unshift(rest % extent);
    rest = Math.floor(rest / extent);
  }
  return position;
}

/** Both kernels by turns, after a run of each that does not count. */
async function timed(
  engine: Engine,
  {
    original,
    edited,
    repeats,
  }: { original: (pass: GPUComputePassEncoder) => void; edited: (pass: GPUComputePassEncoder) => void; repeats: number },
): Promise<TrialTimes | null> {
  if (!engine.device.features.has("timestamp-query") || repeats === 0) return null;
  const microseconds = await timePasses(
    engine,
    Array.from({ length: 2 * (repeats + 1) }, (_, i) => (i % 2 === 0 ? original : edited)),
  );
  const of = (turn: number): number[] =>
    microseconds
      .filter((_, i) => i > 1 && i % 2 === turn)
      .map((time) => time / 1000)
      .toSorted((a, b) => a - b);
  const [before, after] = [of(0), of(1)];
  return { milliseconds: median(after), original: median(before), spread: [after[0], after[after.length - 1]] };
}

const median = (sorted: readonly number[]): number => {
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

// Finds the fastest kernels of a network's problems on this adapter: each candidate is first checked against the op's definition, then
// timed against the others. Times are microseconds.
import type { Graph, Node } from "../graph/graph.ts";
import type { Array64, Bound } from "../graph/op.ts";
import { candidates, choose, familiesFor, problemOf, type Choice, type Problem } from "../kernels/choose.ts";
import { allKernels } from "../kernels/all.ts";
import type { KernelName } from "../kernels/index.ts";
import { FAMILIES, FAMILIES_OF_MATH, FAST_FAMILIES, type Kernel, type Lowering, type MathMode } from "../kernels/kernel.ts";
import { optimise } from "../passes/index.ts";
import { sha256Hex } from "../tensor/sha256.ts";
import type { Engine } from "../engine/engine.ts";
import { caseOf, fill, type Filled } from "../verify/fill.ts";
import { worstOf } from "../verify/judge.ts";
import type { LinkedShader } from "../engine/linker.ts";
import { problemsOf } from "../engine/lowering.ts";
import { benchmark, winnerOf, type Outcome, type Candidate } from "./benchmark.ts";
import type { Roofline } from "../engine/roofline.ts";
import { isCheckable, sampler, type Samples } from "../verify/samples.ts";
import type { SessionOptions } from "../engine/session.ts";
import { layerOf } from "../engine/stages.ts";
import { nameOf, type TuningEntry } from "../engine/tuning-table.ts";
import { boundOf } from "../verify/launch-tolerance.ts";
import { Workbench, type Attempt } from "./workbench.ts";

/** A problem of one or more nodes. */
export interface TuningProblem extends Problem {
  readonly key: string;
  /** Layers with this problem. */
  readonly layers: readonly string[];
  readonly math: MathMode;
}

/** The distinct problems of some graphs, as in sessions with these options: after the passes. */
export function problemsIn(
  { device }: Engine,
  graphs: readonly Graph[],
  { passes, math = "exact" }: Pick<SessionOptions, "passes" | "math"> = {},
): TuningProblem[] {
  const distinct = new Map<string, { problem: Problem; layers: Set<string> }>();
  for (const problem of graphs.flatMap((graph) => problemsOf(optimise(graph, passes), device.limits.maxBufferSize))) {
    const key = problemOf(problem);
    const known = distinct.get(key) ?? { problem, layers: new Set() };
    known.layers.add(layerOf(problem.node));
    distinct.set(key, known);
  }
  return [...distinct].map(([key, { problem, layers }]) => ({ ...problem, key, layers: [...layers], math }));
}

/** The candidates of a problem, the default first. */
export interface Ways {
  readonly choices: readonly Choice[];
  /** Reasons why the others are not tried, by name. */
  readonly passedOver: Readonly<Record<string, string>>;
  /** Sixteen hexadecimal digits that change with the choices and every shader that they run. */
  readonly hash: string;
}

/** Beyond this many operations one output per invocation is not tried, if another kernel runs. */
const TEXTBOOK_FLOPS = 2 ** 26;

const known = new WeakMap<TuningProblem, Ways>();

/** Computed once per problem. */
export function waysOf(engine: Engine, problem: TuningProblem): Ways {
  const ways = known.get(problem) ?? findWays(engine, problem);
  known.set(problem, ways);
  return ways;
}

function findWays(engine: Engine, problem: TuningProblem): Ways {
  const { target } = engine;
  const { math, node } = problem;
  const families = [...FAMILIES.filter((family) => !FAST_FAMILIES.includes(family)), ...FAMILIES_OF_MATH[math]];
  const rule = choose(problem, { kernels: allKernels, families: familiesFor(target, math), target });
  const offered = [rule, ...candidates(problem, allKernels, families, target)];
  const kernel: Kernel = allKernels[node.op.name as KernelName];
  const passedOver: Record<string, string> = {};
  for (const family of families)
    if (kernel[family] && !offered.some((choice) => choice.family === family))
      passedOver[family] = "cannot run these shapes on this adapter";

  const distinct = new Map<string, Choice>();
  for (const choice of offered.toSorted(
    (a, b) => Number(a !== rule && a.family === "textbook") - Number(b !== rule && b.family === "textbook"),
  )) {
    const launches = JSON.stringify(choice.lowering);
    const known = distinct.get(launches);
    if (!known) distinct.set(launches, choice);
    else if (nameOf(known) !== nameOf(choice)) passedOver[nameOf(choice)] = `the same launches as ${nameOf(known)}`;
  }
  const all = [...distinct.values()];
  const choices = all.filter((choice) => {
    const dear = choice.family === "textbook" && all.length > 1 && choice !== rule && flopsOf(choice.lowering) > TEXTBOOK_FLOPS;
    if (dear) passedOver[nameOf(choice)] = "too slow to try at this size";
    return !dear;
  });
  return { choices, passedOver, hash: hashOfWays(engine, choices) };
}

const flopsOf = ({ launches }: Lowering): number => launches.reduce((sum, { flops }) => sum + flops, 0);
const bytesOf = ({ launches }: Lowering): number => launches.reduce((sum, { bytes }) => sum + bytes, 0);

function hashOfWays(engine: Engine, choices: readonly Choice[]): string {
  const told = choices.map((choice) => [
    nameOf(choice),
    choice.lowering.launches.map(({ shader, slots, params, dims, workgroups }) => [
      hashOfCode(engine.shader(shader, { ...(slots && { slots }), ...(params && { params }) })),
      dims,
      workgroups,
    ]),
  ]);
  return sha256Hex(JSON.stringify(told), 16);
}

const codeHashes = new WeakMap<LinkedShader, string>();

/** Hash of the code that the driver sees, without comments and indentation: bundles carry none. */
function hashOfCode(shader: LinkedShader): string {
  const known = codeHashes.get(shader);
  if (known !== undefined) return known;
  const lines = shader.code.split("\n").map((line) => line.replace(/\/\/.*$/, "").trim());
  const made = sha256Hex(lines.filter((line) => line !== "").join("\n"), 16);
  codeHashes.set(shader, made);
  return made;
}

export interface TuneOptions {
  /** Null if the adapter's clock is too coarse to measure its roofs. */
  readonly roofline: Roofline | null;
  readonly signal?: AbortSignal;
}

/** Measures all candidates of a problem. Null if aborted. Throws if none is correct. */
export async function tuneProblem(engine: Engine, problem: TuningProblem, { roofline, signal }: TuneOptions): Promise<TuningEntry | null> {
  const ways = waysOf(engine, problem);
  const { choices } = ways;
  const inputs = fill(caseOf(problem.node));
  const bench = new Workbench(
    engine,
    problem,
    inputs,
    choices.map(({ lowering }) => lowering),
  );
  try {
    const judge = judgeOf(problem, inputs, flopsOf(choices[0].lowering));
    const candidates = choices.map((choice) => candidateOf(engine, bench, choice, judge));
    const outcomes = await benchmark(candidates, {
      shortest: roofline && shortestOf(choices[0].lowering, roofline),
      ...(signal && { signal }),
    });
    return outcomes && entryOf(problem, ways, outcomes, roofline);
  } finally {
    bench.dispose();
  }
}

/** Microseconds that the roofs allow. */
const shortestOf = (lowering: Lowering, { gflops, gigabytesPerSecond }: Roofline): number =>
  Math.max(flopsOf(lowering) / gflops, bytesOf(lowering) / gigabytesPerSecond) / 1000;

/** A sample shorter than this is made of several runs. */
const SAMPLE_US = 1000;
const MOST_RUNS = 64;

function candidateOf(engine: Engine, bench: Workbench, { lowering }: Choice, judge: Judge): Candidate {
  let attempt: Attempt;
  let runs = 1;
  return {
    async start() {
      try {
        attempt = await bench.prepare(lowering);
        await bench.run(attempt);
        const ratio = await judge(lowering, (port) => bench.read(port));
        if (!(ratio <= 1)) return `computes wrongly: ${ratio.toPrecision(3)} of its bound`;
        runs = Math.min(MOST_RUNS, Math.max(1, Math.ceil(SAMPLE_US / (await bench.time(attempt, 1)))));
        return null;
      } catch (error) {
        // A device loss ends everything; other errors end only this candidate.
        engine.check();
        return oneLine(error);
      }
    },
    sample: () => bench.time(attempt, runs),
  };
}

/** The error, short enough for a table. */
const oneLine = (error: unknown): string => (error instanceof Error ? error.message : String(error)).replaceAll(/\s+/g, " ").slice(0, 300);

/** The worst error of a candidate's outputs over their derived bounds: at most 1 if it is right. */
type Judge = (lowering: Lowering, read: (port: string) => Promise<ArrayLike<number>>) => Promise<number>;

/** Below this many operations a product is computed in float64 as a whole; above, samples of it are. */
const WHOLE_FLOPS = 2 ** 24;
/** Draws of one image, channel or output: enough to fall on every kind of tile. */
const SAMPLES = 12;

function judgeOf({ node }: Problem, inputs: Filled, flops: number): Judge {
  const name = node.op.name as KernelName;
  const judges = new Map<Bound, ReturnType<typeof judgeBy>>();
  return async (lowering, read) => {
    const bound = boundOf(name, lowering.launches);
    const judge = judges.get(bound) ?? (isCheckable(node) && flops > WHOLE_FLOPS ? judgeBySamples : judgeBy)(node, inputs, bound);
    judges.set(bound, judge);
    return judge(read);
  };
}

function judgeBySamples(node: Node, inputs: Filled, bound: Bound): ReturnType<typeof judgeBy> {
  const arrays = Object.entries(node.inputs).map(([port, { shape }]) => [port, { shape, data: inputs[port] } as Samples] as const);
  const sampled = sampler(node, Object.fromEntries(arrays), { atLeast: SAMPLES, bound });
  const [port] = Object.keys(node.outputs);
  return async (read) => {
    const data = (await read(port)) as Float32Array;
    return data.some(Number.isNaN) ? Infinity : sampled(data).ratio;
  };
}

function judgeBy({ op, inputs: ports, attributes, outputs }: Node, inputs: Filled, bound: Bound) {
  const arrays: Record<string, Array64> = Object.fromEntries(
    Object.entries(ports).map(([port, { shape }]) => [port, { shape, data: new Float64Array(inputs[port]) }]),
  );
  const exact = op.reference(arrays, attributes, outputs) as Record<string, Float64Array>;
  const allowed = bound({ op, inputs: arrays, attributes, outputs, exact });
  return async (read: (port: string) => Promise<ArrayLike<number>>): Promise<number> => {
    let ratio = 0;
    for (const port of Object.keys(outputs)) ratio = Math.max(ratio, worstOf(await read(port), exact[port], allowed[port]).ratio);
    return ratio;
  };
}

/** The table's entry. Throws if no candidate ran, with all reasons. */
export function entryOf(
  problem: TuningProblem,
  { choices, passedOver, hash }: Ways,
  outcomes: readonly Outcome[],
  roofline: Roofline | null,
): TuningEntry {
  const tried: Record<string, number | string> = {};
  outcomes.forEach((outcome, i) => {
    const name = nameOf(choices[i]);
    tried[name] =
      outcome === null
        ? "not needed: an earlier candidate came close to the roof"
        : "refused" in outcome
          ? outcome.refused
          : rounded(outcome.microseconds);
  });
  const winner = winnerOf(outcomes);
  if (winner === undefined) {
    const reasons = Object.entries(tried).map(([name, reason]) => `\n  ${name}: ${reason}`);
    throw new Error(`${problem.layers[0]}: no kernel of ${problem.key} runs here:${reasons.join("")}\nrun  npx striatum verify`);
  }
  const ran = choices
    .map((choice, i) => ({ ...chosen(choice), microseconds: tried[nameOf(choices[i])] }))
    .filter((each): each is typeof each & { microseconds: number } => typeof each.microseconds === "number");
  const won = ran.find((each) => nameOf(each) === nameOf(choices[winner])) as (typeof ran)[number];
  const rule = ran.find((each) => nameOf(each) === nameOf(choices[0]));
  const [runnerUp] = ran.filter((each) => each !== won).toSorted((a, b) => a.microseconds - b.microseconds);
  const { lowering } = choices[winner];
  return {
    ...won,
    layer: problem.layers[0],
    candidates: hash,
    gflops: rounded(flopsOf(lowering) / won.microseconds / 1000),
    roof: roofline && rounded(shortestOf(lowering, roofline) / won.microseconds),
    ...(rule && { rule }),
    ...(runnerUp && { runnerUp }),
    tried: { ...tried, ...passedOver },
  };
}

const chosen = ({ family, tuning }: Choice) => ({ family, ...(tuning && { tuning }) });

/** Four digits: more is noise. */
const rounded = (value: number): number => Number(value.toPrecision(4));

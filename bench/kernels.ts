// Speed of every kernel on every distinct problem of a network: forward, both backward passes, updates. A problem is checked separately, then
// timed in whole steps by the GPU's clock.
import { requireRight, StepRunner } from "../src/cli/step-runner.ts";
import { spotCheckNode } from "../src/verify/spot-check.ts";
import { compareWithReference } from "../src/verify/judge.ts";
import type { Roofline } from "../src/engine/roofline.ts";
import { isCheckable } from "../src/verify/samples.ts";
import { Session, type LaunchTime } from "../src/engine/session.ts";
import { layerOf, STAGES, stagesOf } from "../src/engine/stages.ts";
import type { Plan, PlannedLaunch } from "../src/engine/planner.ts";
import type { Node } from "../src/graph/graph.ts";
import { problemOf } from "../src/kernels/choose.ts";
import type { KernelName } from "../src/kernels/index.ts";
import { scoringGraph } from "../src/train/graphs.ts";
import { networkConditions, roofOf, settingOf, underConditions, type Bench } from "./conditions.ts";
import { caseAt, casesOf } from "./kernel-cases.ts";
import { ALL_PASSES, type Convolutions, type Kernels, type Problem } from "./results.ts";
import { rounded, spreadOf } from "./statistics.ts";

const WARM_UPS = 2;

/** A problem that one or more layers have. */
interface Posed {
  readonly graph: Problem["graph"];
  readonly stage: string;
  readonly problem: string;
  /** Each with its launches. */
  readonly nodes: Map<Node, PlannedLaunch[]>;
  /** Milliseconds by node, one per round. */
  readonly times: Map<Node, number[]>;
  checked?: Problem["checked"];
}

/** Checks and times everything that a network launches at this batch. Null if it was interrupted before the first round was done. */
export async function benchKernels(bench: Bench, net: string, batch: number): Promise<Kernels | null> {
  const { engine, sessionOptions } = bench;
  const setting = settingOf(bench, net);
  const runner = await StepRunner.open(engine, { ...setting, batch }, sessionOptions);
  const scoring = await Session.open(engine, scoringGraph({ ...setting, batch }).graph, {
    ...sessionOptions,
    states: runner.trainer.step.states,
  });
  try {
    const training = posedBy(runner.plan, "training");
    const known = new Set(training.map(({ problem }) => problem));
    const inference = posedBy(scoring.plan, "inference").filter(({ problem }) => !known.has(problem));
    await runner.train();
    const { conditions, result } = await underConditions(bench, async () => {
      for (const [i, posed] of [...training, ...inference].entries()) {
        if (bench.signal.aborted) return null;
        posed.checked = await checked(bench, posed);
        if ((i + 1) % 20 === 0) bench.say(`${net}: ${i + 1} of ${training.length + inference.length} problems checked`);
      }
      await timeAll(bench, net, [
        { session: runner.trainer.step, posed: training },
        { session: scoring, posed: inference },
      ]);
      const timed = [...training, ...inference].filter(({ times }) => times.size > 0);
      return timed.length === 0 ? null : timed;
    });
    if (!result) return null;
    const roofline = roofOf(conditions);
    return {
      conditions,
      network: networkConditions(bench, setting, [runner.plan, scoring.plan]),
      batch,
      problems: result.map((posed) => rowOf(posed, roofline)),
      convolutions: convolutionsOf(result, roofline),
    };
  } finally {
    scoring.dispose();
    runner.dispose();
  }
}

function posedBy({ launches, graph }: Plan, name: Posed["graph"]): Posed[] {
  const stage = stagesOf(graph);
  const found = new Map<string, Posed>();
  for (const planned of launches) {
    const { node } = planned;
    const problem = problemOf({ node });
    const key = `${stage(node)} ${problem}`;
    const posed = found.get(key) ?? { graph: name, stage: stage(node), problem, nodes: new Map(), times: new Map() };
    found.set(key, posed);
    const own = posed.nodes.get(node);
    if (own) own.push(planned);
    else posed.nodes.set(node, [planned]);
  }
  return [...found.values()];
}

/** Throws if the kernel is wrong: nothing is timed then. */
async function checked({ engine, sessionOptions }: Bench, { nodes, problem }: Posed): Promise<Problem["checked"]> {
  const [[node, [{ family }]]] = nodes;
  if (isCheckable(node)) {
    const check = await spotCheckNode(engine, node, sessionOptions);
    requireRight([check]);
    return { by: "samples", elements: check.elements, ratio: rounded(check.ratio) };
  }
  const op = node.op.name as KernelName;
  const own = caseAt(node);
  for (const { by, tested } of [...(own ? [own] : []), ...casesOf(op).map((tested) => ({ by: "cases" as const, tested }))]) {
    const verdict = await compareWithReference(engine, op, tested, family);
    if (!verdict) continue;
    const { elements, ratio } = verdict;
    requireRight([{ layer: node.label, op, kernels: [family, problem], elements, ratio }]);
    return { by, elements, ratio: rounded(ratio) };
  }
  throw new Error(`${op} "${node.label}": no case runs with the family "${family}", so it cannot be checked: add one to src/kernels/cases`);
}

interface Timed {
  readonly session: Session;
  readonly posed: readonly Posed[];
}

/** A training step and a scoring pass in turn, launch by launch. */
async function timeAll({ rounds, signal, say }: Bench, net: string, all: readonly Timed[]): Promise<void> {
  for (let round = -WARM_UPS; round < rounds; round++) {
    for (const { session, posed } of all) {
      if (signal.aborted) return;
      const byNode = sumByNode(await session.profile());
      if (round < 0) continue;
      for (const { nodes, times } of posed)
        for (const node of nodes.keys()) times.set(node, [...(times.get(node) ?? []), byNode.get(node) as number]);
    }
    if (round >= 0) say(`${net}: kernels, round ${round + 1} of ${rounds}`);
  }
}

/** The clock's resolution is a nanosecond: the time of a launch that measures as 0. */
const LEAST_US = 1e-3;

function sumByNode(times: readonly LaunchTime[]): Map<Node, number> {
  const sums = new Map<Node, number>();
  for (const { planned, microseconds } of times)
    sums.set(planned.node, (sums.get(planned.node) ?? 0) + Math.max(LEAST_US, microseconds) / 1000);
  return sums;
}

const sum = (values: Iterable<number>): number => [...values].reduce((total, value) => total + value, 0);

/** The shortest time that the roofs allow for some launches. */
const shortestMs = (launches: readonly PlannedLaunch[], { gflops, gigabytesPerSecond }: Roofline): number =>
  sum(launches.map(({ launch: { flops, bytes } }) => Math.max(flops / gflops, bytes / gigabytesPerSecond) / 1e6));

function rowOf({ graph, stage, problem, nodes, times, checked }: Posed, roofline: Roofline): Problem {
  const [[{ op }, launches]] = nodes;
  if (!checked) throw new Error(`internal: ${problem} was timed unchecked`);
  const time = spreadOf([...times.values()].flat());
  return {
    graph,
    stage,
    op: op.name,
    problem,
    layers: [...nodes.keys()].map((node) => layerOf(node)),
    kernels: [...new Set(launches.map(({ shader }) => shader.name))],
    launches: launches.length,
    time,
    ...ratesOf(launches, time.median),
    roof: rounded(shortestMs(launches, roofline) / time.median),
    checked,
  };
}

const ratesOf = (launches: readonly PlannedLaunch[], ms: number) => ({
  gflops: rounded(sum(launches.map(({ launch }) => launch.flops)) / ms / 1e6),
  gigabytesPerSecond: rounded(sum(launches.map(({ launch }) => launch.bytes)) / ms / 1e6),
});

/** The convolutions of a training step, one row per filter size and pass, and one for all passes: sums over the layers, round by round. */
function convolutionsOf(timed: readonly Posed[], roofline: Roofline): Convolutions[] {
  interface Group {
    readonly filter: string;
    readonly stage: string;
    readonly members: { readonly launches: readonly PlannedLaunch[]; readonly times: readonly number[] }[];
  }
  const groups = new Map<string, Group>();
  const training = timed.filter(({ graph }) => graph === "training");
  for (const { stage, nodes, times } of training) {
    for (const [node, launches] of nodes) {
      const filter = filterOf(node);
      if (filter === null) continue;
      for (const which of [stage, ALL_PASSES]) {
        const group: Group = groups.get(`${filter} ${which}`) ?? { filter, stage: which, members: [] };
        groups.set(`${filter} ${which}`, group);
        group.members.push({ launches, times: times.get(node) as number[] });
      }
    }
  }
  const order = [...STAGES, ALL_PASSES];
  const inOrder = [...groups.values()].sort(
    (a, b) => b.filter.localeCompare(a.filter, "en", { numeric: true }) || order.indexOf(a.stage) - order.indexOf(b.stage),
  );
  return inOrder.map(({ filter, stage, members }) => {
    const time = spreadOf(members[0].times.map((_, round) => sum(members.map(({ times }) => times[round]))));
    const rates = ratesOf(
      members.flatMap(({ launches }) => launches),
      time.median,
    );
    return { filter, stage, layers: members.length, time, ...rates, shareOfPeak: rounded(rates.gflops / roofline.gflops) };
  });
}

/** "3x3" for a node that is a convolution, or a pass of one: its filters are [groups, kh, kw, channels, outputs]. */
function filterOf({ op, inputs, outputs }: Node): string | null {
  const filter = Object.values({ ...inputs, ...outputs }).find(({ shape }) => shape.length === 5);
  return filter && /conv/i.test(op.name) ? `${filter.shape[1]}x${filter.shape[2]}` : null;
}

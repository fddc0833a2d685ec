// The effect of every part of the engine: a training step with everything on, then with each pass and each kernel family off in turn, timed round by
// round on the same weights, and its results compared with the first's. Everything on runs once more, as a control: how far its time is from the
// first shows the noise of the others. Times are milliseconds.
import { States } from "../engine/buffers.ts";
import type { Engine } from "../engine/engine.ts";
import type { Plan } from "../engine/planner.ts";
import { median, spreadOf } from "../engine/profiler.ts";
import { planFor, Session, type SessionOptions } from "../engine/session.ts";
import { familiesFor } from "../kernels/choose.ts";
import type { Family, MathMode } from "../kernels/kernel.ts";
import type { Parameter } from "../models/network.ts";
import { PASSES, type PassName } from "../passes/index.ts";
import { sizeOf } from "../tensor/shape.ts";
import { MEAN, momentumOf, storedSize } from "./graphs.ts";
import { LOSS_SUM, startGraph, trainingGraph, type TrainingOptions } from "./training-graphs.ts";
import { noiseBatch } from "./noise-batch.ts";
import { rateFloats, randomWords } from "./step-inputs.ts";
import type { Batch } from "./trainer.ts";

export interface AblationOptions {
  /** Passes and families to switch. Default: all passes, the families chosen for the adapter. */
  readonly passes?: readonly PassName[];
  readonly families?: readonly Family[];
  /** Decides the default families. Default "exact". */
  readonly math?: MathMode;
  /** What it says of a family that is off does not count. */
  readonly tuned?: SessionOptions["tuned"];
  /** Steps trained before the numbers are compared. Default 5. */
  readonly steps?: number;
  /** Rounds that are timed, after one to warm up; a round is a step of every configuration. Default 10. */
  readonly rounds?: number;
  /** One more configuration: no pass, textbook kernels. Slow. Default false. */
  readonly textbook?: boolean;
  readonly onProgress?: (text: string) => void;
}

/** What is on. */
export interface Configuration {
  readonly name: string;
  readonly passes: readonly PassName[];
  readonly families: readonly Family[];
}

export interface AblationRow extends Configuration {
  readonly launches: number;
  readonly peakBytes: number;
  /** [rounds], from feeding a step to its last launch done. */
  readonly times: readonly number[];
  readonly milliseconds: number;
  /** Half the interquartile range of the times. */
  readonly spread: number;
  /** Median over rounds of this time over that of everything on, in the same round. */
  readonly ratio: number;
  /** Loss of each compared step. */
  readonly losses: readonly number[];
  /** Largest over the steps, relative, to everything on. */
  readonly lossDifference: number;
  readonly weights: Difference;
  /** Difference of the momentum, the sum of gradients: weights that hardly change would agree in any case. */
  readonly momentum: Difference;
}

/** Difference from the all-on run after the compared steps: max over tensors of max|a - b| / max|b|. `of` names the tensor. */
export interface Difference {
  readonly relative: number;
  readonly of: string;
}

export interface Ablation {
  readonly adapter: string;
  readonly steps: number;
  readonly rounds: number;
  /** Everything on is first, the same again (`CONTROL`) last. */
  readonly rows: readonly AblationRow[];
}

/** The control: the first configuration under another name. The difference between the two is noise. */
export const CONTROL = "everything on, again";

/** Everything on, then one pass less, then one family less of those that the first configuration launches; the control is last. */
export function configurationsOf(
  on: Omit<Configuration, "name">,
  launched: ReadonlySet<Family>,
  { textbook = false }: Pick<AblationOptions, "textbook"> = {},
): Configuration[] {
  const without = <T>(list: readonly T[], one: T): T[] => list.filter((each) => each !== one);
  return [
    { name: "everything on", ...on },
    ...on.passes.map((pass) => ({ ...on, name: `without ${pass}`, passes: without(on.passes, pass) })),
    ...on.families
      .filter((family) => family !== "textbook" && launched.has(family))
      .map((family) => ({ ...on, name: `without ${family} kernels`, families: without(on.families, family) })),
    ...(textbook ? [{ name: "no pass, textbook kernels", passes: [], families: ["textbook" as const] }] : []),
    { name: CONTROL, ...on },
  ];
}

const SEED = 1;
/** Learning rate of the compared steps: the one at which both networks were published. */
const RATE = 1e-2;

interface Prepared {
  readonly configuration: Configuration;
  readonly session: Session;
}

/** A network's weights, and a function that restores their initial values. */
interface Weights {
  readonly states: States;
  readonly parameters: readonly Parameter[];
  readonly starting: Session;
}

/** Runs the ablation. All configurations are prepared at once and share their weights: the adapter must hold all their arenas. */
export async function ablate(engine: Engine, options: TrainingOptions, ablation: AblationOptions = {}): Promise<Ablation> {
  const { math, tuned, steps = 5, rounds = 10, onProgress = () => undefined } = ablation;
  const { passes = PASSES, families = familiesFor(engine.target, math) } = ablation;
  const { graph, parameters } = trainingGraph(options);
  const launched = new Set(
    planFor(engine, graph, { passes, families, ...tunedWithin(families, tuned) }).launches.map(({ family }) => family),
  );
  const configurations = configurationsOf({ passes, families }, launched, ablation);
  const states = States.of(engine, graph);
  const weights = { states, parameters, starting: await Session.open(engine, startGraph(options).graph, { states }) };
  const prepared: Prepared[] = [];
  try {
    for (const configuration of configurations) {
      const { passes, families, name } = configuration;
      const opening = Session.open(engine, graph, { passes, families, states, ...tunedWithin(families, tuned) });
      const session = await opening.catch((error: Error) => {
        throw new Error(`${name}: ${error.message}`, { cause: error });
      });
      prepared.push({ configuration, session });
      onProgress(`prepared: ${name}`);
    }
    const batches = batchesOf(options, steps);
    const compared = await compare(prepared, weights, batches, onProgress);
    start(weights);
    const times = await timeRounds(engine, prepared, batches[0], rounds);
    return { adapter: engine.adapterName, steps, rounds, rows: prepared.map((each, i) => rowOf(each, compared[i], times[i], times[0])) };
  } finally {
    for (const session of [weights.starting, ...prepared.map(({ session }) => session)]) session.dispose();
    states.dispose();
  }
}

/** A tuning table without its entries of other families. */
function tunedWithin(families: readonly Family[], tuned: SessionOptions["tuned"]): Pick<SessionOptions, "tuned"> {
  if (!tuned) return {};
  return {
    tuned(problem) {
      const found = tuned(problem);
      return found && (found.family === "textbook" || families.includes(found.family)) ? found : undefined;
    },
  };
}

function batchesOf({ network, size, batch: images, classes }: TrainingOptions, count: number): Batch[] {
  const stored = storedSize(network, size);
  return Array.from({ length: count }, (_, step) => noiseBatch({ seed: SEED + step, images, stored, classes }));
}

/** Initial values, no momentum. */
function start({ states, parameters, starting }: Weights): void {
  starting.feed("random", randomWords(SEED, 0));
  starting.run();
  const { shape } = states.range(MEAN);
  states.write(MEAN, new Float32Array(sizeOf(shape)).fill(127.5));
  for (const { name, value, rateMultiplier } of parameters)
    if (rateMultiplier > 0) states.write(momentumOf(name), new Float32Array(sizeOf(value.shape)));
}

function feed(session: Session, { pixels, placement, labels }: Batch, step: number, rate: number): void {
  session.feed("pixels", pixels);
  session.feed("placement", placement);
  session.feed("labels", labels);
  session.feed("random", randomWords(SEED, step));
  session.feed("rate", rateFloats(rate));
}

type Compared = Pick<AblationRow, "losses" | "lossDifference" | "weights" | "momentum">;

/** Trains every configuration from the same weights on the same batches. */
async function compare(
  prepared: readonly Prepared[],
  weights: Weights,
  batches: readonly Batch[],
  onProgress: (text: string) => void,
): Promise<Compared[]> {
  const { states, parameters } = weights;
  const weightNames = parameters.map(({ name }) => name);
  const momentumNames = parameters.filter(({ rateMultiplier }) => rateMultiplier > 0).map(({ name }) => momentumOf(name));
  const right = new Map<string, Float32Array>();
  const compared: Compared[] = [];
  for (const { session, configuration } of prepared) {
    start(weights);
    const losses: number[] = [];
    for (const [step, batch] of batches.entries()) {
      states.write(LOSS_SUM, Float32Array.of(0));
      feed(session, batch, step, RATE);
      session.run();
      losses.push((await states.read(LOSS_SUM))[0]);
    }
    if (right.size === 0) for (const name of [...weightNames, ...momentumNames]) right.set(name, await states.read(name));
    const reference = compared[0]?.losses ?? losses;
    compared.push({
      losses,
      lossDifference: Math.max(...losses.map((loss, step) => Math.abs(loss / reference[step] - 1))),
      weights: await furthest(states, weightNames, right),
      momentum: await furthest(states, momentumNames, right),
    });
    onProgress(`trained ${batches.length} steps: ${configuration.name}`);
  }
  return compared;
}

async function furthest(states: States, names: readonly string[], right: ReadonlyMap<string, Float32Array>): Promise<Difference> {
  let furthest: Difference = { relative: 0, of: names[0] };
  for (const name of names) {
    const relative = largestDifference(await states.read(name), right.get(name) as Float32Array);
    if (relative > furthest.relative) furthest = { relative, of: name };
  }
  return furthest;
}

/** Largest difference over the largest magnitude of the reference; infinite if a value is not a number. */
export function largestDifference(values: Float32Array, right: Float32Array): number {
  let [difference, magnitude] = [0, 0];
  for (let i = 0; i < right.length; i++) {
    magnitude = Math.max(magnitude, Math.abs(right[i]));
    difference = Math.max(difference, Math.abs(values[i] - right[i]));
  }
  if (Number.isNaN(difference)) return Infinity;
  return difference === 0 ? 0 : difference / magnitude;
}

/** Milliseconds by configuration and round. At rate 0 a step does all its work, and the weights stay. */
async function timeRounds(engine: Engine, prepared: readonly Prepared[], batch: Batch, rounds: number): Promise<number[][]> {
  const times: number[][] = prepared.map(() => []);
  for (let round = -1; round < rounds; round++) {
    // Rounds start with different configurations, so that a machine that warms up or slows down within a round favours none.
    for (let turn = 0; turn < prepared.length; turn++) {
      const at = (turn + round + 1) % prepared.length;
      const { session } = prepared[at];
      await engine.idle();
      const before = engine.platform.now();
      feed(session, batch, 0, 0);
      session.run();
      await engine.idle();
      if (round >= 0) times[at].push(engine.platform.now() - before);
    }
  }
  return times;
}

function rowOf({ configuration, session }: Prepared, compared: Compared, times: readonly number[], first: readonly number[]): AblationRow {
  const { launches, peakBytes }: Plan = session.plan;
  return {
    ...configuration,
    launches: launches.length,
    peakBytes,
    times,
    milliseconds: median(times),
    spread: spreadOf(times),
    ratio: median(times.map((time, round) => time / first[round])),
    ...compared,
  };
}

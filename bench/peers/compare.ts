// The order of a measurement: all results are compared before anything is timed, then all engines are called in turn, in rounds, so that
// ratios are of consecutive calls. Only one engine works at a time.
import { median } from "../../src/engine/profiler.ts";
import type { Tasks } from "./runtime.ts";

/** An engine: a process, or a substitute in tests. */
export interface Player {
  readonly name: string;
  ask<T extends "infer" | "train">(task: T): Promise<Tasks[T]>;
}

/** One call of each, consecutively. */
export interface Round {
  readonly oursMs: number;
  readonly peerMs: number;
}

export type What = "inference" | "training";

export interface Comparison {
  readonly what: What;
  readonly peer: string;
  /** `timed`: its results agree, and it was timed. `wrong`: they differ. `failed`: an error occurred. Only `timed` has rounds. */
  readonly verdict: "timed" | "wrong" | "failed";
  readonly why?: string;
  /** The largest difference from ours, relative as in the tolerance. */
  readonly difference: number;
  /** The first call of each by the driver's clock, including preparation. */
  readonly first: Round | null;
  readonly rounds: readonly Round[];
}

export type Say = (text: string) => void;

/** Tolerance relative to the largest probability. Reordered float32 sums differ ten times less, a wrong pad or no bias far more. */
export const PROBABILITY_TOLERANCE = 1e-4;
/** Tolerance relative to the loss, chosen likewise. */
export const LOSS_TOLERANCE = 1e-3;

/** The largest difference over the largest of `wanted`; infinite where lengths differ or something is not a number. */
export function difference(values: readonly number[], wanted: readonly number[]): number {
  if (values.length !== wanted.length) return Infinity;
  const largest = Math.max(...wanted.map(Math.abs));
  const worst = Math.max(...wanted.map((value, i) => Math.abs(values[i] - value)));
  return Number.isNaN(worst) ? Infinity : worst / largest;
}

/**
 * Throws unless images differ in their probabilities by far more than the tolerance: results that are the same for all images, or
 * nearly uniform, would always agree.
 */
export function requireTelling(probabilities: readonly number[], images: number): void {
  const classes = probabilities.length / images;
  const rows = Array.from({ length: images }, (_, i) => probabilities.slice(i * classes, (i + 1) * classes));
  if (!rows.every((row) => Math.abs(row.reduce((a, b) => a + b, 0) - 1) < 1e-3))
    throw new Error("our probabilities do not add up to 1: run  npx striatum verify");
  if (Math.max(...probabilities) < 10 / classes || rows.slice(1).some((row) => difference(row, rows[0]) < 100 * PROBABILITY_TOLERANCE))
    throw new Error("our probabilities hardly depend on the image, so a comparison would be meaningless: run  npx striatum verify");
}

/** A peer that is not excluded. */
class Side {
  readonly player: Player;
  readonly what: What;
  readonly rounds: Round[] = [];
  first: Round | null = null;
  verdict: Comparison["verdict"] = "timed";
  why: string | undefined;
  worst = 0;

  constructor(player: Player, what: What) {
    this.player = player;
    this.what = what;
  }

  /** Runs `work` unless the peer is excluded; an error excludes it. */
  async attempt(work: () => Promise<void>, say: Say): Promise<void> {
    if (this.verdict !== "timed") return;
    try {
      await work();
    } catch (error) {
      this.out("failed", error instanceof Error ? error.message : String(error), say);
    }
  }

  compare(difference: number, tolerance: number, of: string, say: Say): void {
    this.worst = Math.max(this.worst, difference);
    if (difference > tolerance)
      this.out("wrong", `differs from ours by ${difference.toExponential(1)} of ${of}, ${tolerance} allowed`, say);
  }

  out(verdict: "wrong" | "failed", why: string, say: Say): void {
    this.verdict = verdict;
    this.why = why;
    this.rounds.length = 0;
    say(`${this.what}: ${this.player.name} is excluded (${verdict}): ${why}`);
  }

  get result(): Comparison {
    const { what, verdict, why, worst, first, rounds } = this;
    return { what, peer: this.player.name, verdict, ...(why !== undefined && { why }), difference: worst, first, rounds };
  }
}

/** Inference: probabilities of every call are compared. The first round after the comparison is a warm-up. */
export async function compareInference(
  ours: Player,
  peers: readonly Player[],
  { images, rounds, say }: { readonly images: number; readonly rounds: number; readonly say: Say },
): Promise<Comparison[]> {
  const { took: oursFirst, result } = await byClock(() => ours.ask("infer"));
  const wanted = result.probabilities;
  requireTelling(wanted, images);
  say(`inference: ours took ${seconds(oursFirst)} for its first call`);
  const sides = peers.map((player) => new Side(player, "inference"));
  const call = async (side: Side): Promise<number> => {
    const { ms, probabilities } = await side.player.ask("infer");
    side.compare(difference(probabilities, wanted), PROBABILITY_TOLERANCE, "the largest probability", say);
    return ms;
  };
  for (const side of sides)
    await side.attempt(async () => {
      side.first = { oursMs: oursFirst, peerMs: (await byClock(() => call(side))).took };
      if (side.verdict === "timed") say(`inference: ${side.player.name} agrees within ${side.worst.toExponential(1)}`);
    }, say);

  for (let round = 0; round <= rounds; round++) {
    if (!sides.some(({ verdict }) => verdict === "timed")) break;
    const { ms: oursMs, probabilities } = await ours.ask("infer");
    if (difference(probabilities, wanted) !== 0)
      throw new Error("our own probabilities changed from one call to the next: run  npx striatum verify");
    for (const side of sides)
      await side.attempt(async () => {
        const peerMs = await call(side);
        if (round > 0 && side.verdict === "timed") side.rounds.push({ oursMs, peerMs });
      }, say);
    say(`inference: round ${round} of ${rounds} done`);
  }
  return sides.map(({ result }) => result);
}

/** Steps of ours before and after each step of a peer, which takes so much longer. */
const STEPS_AROUND = 3;

/**
 * Training: step by step on the same batch, every loss compared with the loss of ours at that step, so that gradients and updates are compared
 * as well. The first step of each is a warm-up.
 */
export async function compareTraining(
  ours: Player,
  peers: readonly Player[],
  { rounds, say }: { readonly rounds: number; readonly say: Say },
): Promise<Comparison[]> {
  const wanted: number[] = [];
  const stepOurs = async (): Promise<number> => {
    const { ms, loss } = await ours.ask("train");
    wanted.push(loss);
    return ms;
  };
  const { took: oursFirst } = await byClock(stepOurs);
  for (let i = 0; i < rounds; i++) await stepOurs();
  if (!(wanted[wanted.length - 1] < wanted[0] * (1 - 10 * LOSS_TOLERANCE)))
    throw new Error(
      `our loss goes from ${wanted[0]} to ${wanted[wanted.length - 1]}, so a comparison would be meaningless: run  npx striatum verify`,
    );
  say(`training: ours took its first step in ${seconds(oursFirst)}; losses ${wanted.map((loss) => loss.toFixed(3)).join(", ")}`);

  const sides = peers.map((player) => new Side(player, "training"));
  for (const side of sides) {
    const step = async (index: number): Promise<number> => {
      const { ms, loss } = await side.player.ask("train");
      side.compare(difference([loss], [wanted[index]]), LOSS_TOLERANCE, `the loss of step ${index}`, say);
      return ms;
    };
    await side.attempt(async () => {
      side.first = { oursMs: oursFirst, peerMs: (await byClock(() => step(0))).took };
      if (side.verdict === "timed") say(`training: ${side.player.name} agrees within ${side.worst.toExponential(1)} on the first loss`);
    }, say);
    for (let round = 1; round <= rounds; round++)
      await side.attempt(async () => {
        const around: number[] = [];
        for (let i = 0; i < STEPS_AROUND; i++) around.push(await stepOurs());
        const peerMs = await step(round);
        for (let i = 0; i < STEPS_AROUND; i++) around.push(await stepOurs());
        if (side.verdict === "timed") side.rounds.push({ oursMs: median(around), peerMs });
        say(`training: round ${round} of ${rounds} done`);
      }, say);
  }
  return sides.map(({ result }) => result);
}

async function byClock<T>(work: () => Promise<T>): Promise<{ readonly took: number; readonly result: T }> {
  const before = performance.now();
  const result = await work();
  return { took: performance.now() - before, result };
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

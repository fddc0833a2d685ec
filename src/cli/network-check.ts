// A whole network against its definition: a few training steps on the GPU and in the float64 interpreter, parameter by parameter.
// They may differ as much as an interpretation that is perturbed by every kernel's bound (src/verify/rounding.ts).
import type { Engine } from "../engine/engine.ts";
import { erringByBounds } from "../verify/rounding.ts";
import type { SessionOptions } from "../engine/session.ts";
import { interpret, type Feeds } from "../graph/interpret.ts";
import type { Network } from "../models/network.ts";
import { sizeOf } from "../tensor/shape.ts";
import { meanShape, storedSize } from "../train/graphs.ts";
import { type TrainingOptions } from "../train/training-graphs.ts";
import { rateFloats, randomWords } from "../train/step-inputs.ts";
import { Trainer } from "../train/trainer.ts";
import { noiseBatch } from "../train/noise-batch.ts";

export interface StateCheck {
  /** A parameter, its momentum, or a running sum. */
  readonly state: string;
  readonly elements: number;
  /** Largest error of an element on the GPU, and of the perturbed interpretation. */
  readonly worstError: number;
  readonly bound: number;
  /** At most 1 if all kernels are right. */
  readonly ratio: number;
}

const SHAPE = { classes: 3, width: 1 / 8, size: 64, batch: 2 } as const;
const STEPS = 3;
const SEED = 1;
/** Another at every step, so that a stale one would show; small, as the noise makes steep losses that would magnify what is compared. */
const rateAt = (step: number): number => 0.001 * 0.8 ** step;

/** What is trained. */
export const checkedOptions = (network: Network): TrainingOptions => ({
  network,
  ...SHAPE,
  momentum: 0.9,
  weightDecay: network.weightDecay,
});

/** Checks a network's training steps against float64; `say` gets its progress. */
export async function checkNetwork(
  engine: Engine,
  network: Network,
  sessionOptions: Pick<SessionOptions, "families" | "tuned">,
  say: (text: string) => void,
): Promise<StateCheck[]> {
  const trainer = await Trainer.open(engine, checkedOptions(network), sessionOptions);
  try {
    const { graph } = trainer;
    const stored = storedSize(network, SHAPE.size);
    trainer.setMean(new Float32Array(sizeOf(meanShape(network, stored))).fill(127.5));
    await trainer.start(SEED);
    const start: Record<string, Float32Array> = {};
    for (const { name } of graph.states) start[name] = await trainer.step.readState(name);

    let [exact, erring]: Feeds[] = [start, start];
    // Errors with random signs may cancel in one number: of a running sum, the largest so far counts.
    const widest = new Map<string, number>();
    for (let step = 0; step < STEPS; step++) {
      const batch = noiseBatch({ seed: SEED + step, images: SHAPE.batch, stored, classes: SHAPE.classes });
      trainer.train(batch, { seed: SEED, step, rate: rateAt(step) });
      await trainer.idle();
      say(`step ${step + 1} of ${STEPS} on the GPU; now in float64`);
      const feeds = { ...batch, random: randomWords(SEED, step), rate: rateFloats(rateAt(step)) };
      exact = interpret(graph, feeds, exact).states;
      erring = interpret(graph, feeds, erring, erringByBounds(SEED, step)).states;
      for (const name of Object.keys(exact))
        if (exact[name].length === 1) widest.set(name, Math.max(widest.get(name) ?? 0, largestDifference(erring[name], exact[name])));
    }

    const checks: StateCheck[] = [];
    for (const { name, next } of graph.states) {
      if (!next) continue;
      const worstError = largestDifference(await trainer.step.readState(name), exact[name]);
      const bound = widest.get(name) ?? largestDifference(erring[name], exact[name]);
      const ratio = worstError === 0 ? 0 : Number.isNaN(worstError) ? Infinity : worstError / bound;
      checks.push({ state: name, elements: exact[name].length, worstError, bound, ratio });
    }
    return checks;
  } finally {
    trainer.dispose();
  }
}

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let largest = 0;
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs(a[i] - b[i]));
  return largest;
}

// Random draws by name: a stream is a function of (cohort seed, case, purpose), so that a draw added to one never shifts another.
import { philox, unitFloat, type Block } from "../tensor/philox.ts";
import { sha256 } from "../tensor/sha256.ts";

/**
 * A distribution as data: {"uniform": [low, high]}, {"normal": [mean, deviation]} or {"logNormal": [median, sigma]}, and optionally
 * {"clip": [low, high]}.
 */
export interface Law {
  readonly uniform?: readonly number[];
  readonly normal?: readonly number[];
  readonly logNormal?: readonly number[];
  readonly clip?: readonly number[];
}

export interface Draw {
  uniform(low: number, high: number): number;
  normal(mean: number, deviation: number): number;
  /** median * exp(sigma * N(0, 1)) */
  logNormal(median: number, sigma: number): number;
  chance(probability: number): boolean;
  /** A name, with probability in proportion to its weight. */
  choose<Name extends string>(weights: Partial<Readonly<Record<Name, number>>>): Name;
  law(law: Law): number;
}

export function stream(seed: string, caseIndex: number, purpose: string): Draw {
  const digest = new DataView(sha256(`${seed}/${caseIndex}/${purpose}`).buffer);
  const key = [digest.getUint32(0), digest.getUint32(4)] as const;
  let block: Block = [0, 0, 0, 0];
  let used = 4;
  let counter = 0;
  const unit = (): number => {
    if (used === 4) {
      block = philox(key, [counter++, 0, 0, 0]);
      used = 0;
    }
    return unitFloat(block[used++]);
  };
  const uniform = (low: number, high: number): number => low + (high - low) * unit();
  const normal = (mean: number, deviation: number): number => mean + deviation * gauss(unit(), unit());
  const logNormal = (median: number, sigma: number): number => median * Math.exp(normal(0, sigma));
  return {
    uniform,
    normal,
    logNormal,
    chance: (probability) => unit() < probability,
    choose(weights) {
      const entries = Object.entries(weights) as [keyof typeof weights, number][];
      let left = unit() * entries.reduce((sum, [, weight]) => sum + weight, 0);
      for (const [name, weight] of entries) if ((left -= weight) < 0) return name;
      return entries[entries.length - 1][0];
    },
    law({ uniform: range, normal: bell, logNormal: skewed, clip }) {
      const value = range
        ? uniform(range[0], range[1])
        : bell
          ? normal(bell[0], bell[1])
          : skewed
            ? logNormal(skewed[0], skewed[1])
            : Number.NaN;
      if (!Number.isFinite(value)) throw new Error("phantoms: a law needs two numbers under uniform, normal or logNormal");
      return clip ? Math.min(clip[1], Math.max(clip[0], value)) : value;
    },
  };
}

/** Fills an array, whose length is a multiple of 4, with N(0, 1): a function of the key alone. */
export function fillGaussian(target: Float32Array, key: readonly [number, number]): Float32Array {
  for (let i = 0; i < target.length; i += 4) {
    const words = philox(key, [i, 0, 0, 0]);
    for (let pair = 0; pair < 4; pair += 2) {
      const radius = Math.sqrt(-2 * Math.log(1 - unitFloat(words[pair])));
      const angle = 2 * Math.PI * unitFloat(words[pair + 1]);
      target[i + pair] = radius * Math.cos(angle);
      target[i + pair + 1] = radius * Math.sin(angle);
    }
  }
  return target;
}

/** Box and Muller 1958. 1 - u keeps the logarithm away from zero. */
function gauss(u: number, v: number): number {
  return Math.sqrt(-2 * Math.log(1 - u)) * Math.cos(2 * Math.PI * v);
}

// Stochastic weight averaging (Izmailov et al. 2018, arXiv 1803.05407): the mean of the weights at the ends of the last epochs of a run. The mean is
// kept in float32 and updated in place of a sum, so that a checkpoint holds it and a resumed run ends with the same bits.
import type { Tensor } from "../tensor/tensor.ts";

export interface RunningMean {
  /** By parameter name, in Caffe's order. */
  readonly mean: ReadonlyMap<string, Tensor>;
  /** Epochs that it is the mean of. */
  readonly count: number;
}

/** The number of epochs whose weights are averaged: the last `share` of them, rounded, and one at least. */
export const averagedEpochs = (epochs: number, share: number): number => Math.max(1, Math.round(share * epochs));

/** The mean with the weights of one more epoch. Weights that do not change keep their bits. */
export function withWeights(before: RunningMean | null, weights: ReadonlyMap<string, Tensor>): RunningMean {
  const count = (before?.count ?? 0) + 1;
  const mean = new Map(
    [...weights].map(([name, { shape, data }]) => {
      const old = before?.mean.get(name)?.data ?? data;
      return [name, { shape, data: old.map((value, i) => value + (data[i] - value) / count) }] as const;
    }),
  );
  return { mean, count };
}

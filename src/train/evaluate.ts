// Scoring a split with the parameters as they are: probabilities per image, and their mean over the images of a case.
import { evaluationBatches, readAhead, type ReadBatch } from "../dataset/batches.ts";
import type { ImageSet } from "../dataset/dataset.ts";
import type { Picture } from "../dataset/image.ts";
import { auc } from "../statistics/roc.ts";
import { storedSize, type GraphOptions } from "./graphs.ts";
import type { Batch } from "./trainer.ts";

/** A trainer or a scorer: anything that gives class probabilities [batch, classes]. */
export interface Scoring {
  readonly options: GraphOptions;
  score(batch: Pick<Batch, "pixels" | "placement">): Promise<Float32Array>;
}

/** One case and what the network says of it. */
export interface CaseScore {
  /** Position in `Dataset.cases`. */
  readonly case: number;
  /** True class. */
  readonly label: number;
  /** Probability of each class: the mean over the case's images, in float64. */
  readonly p: readonly number[];
}

export interface ScoreOptions {
  /**
   * Index of the class that each class becomes in the mirror (`mirroredClasses`). Each image is then scored as it is and mirrored, and the
   * probabilities are averaged, those of the mirrored image with the sides swapped back. Default: images as they are.
   */
  readonly mirrored?: readonly number[] | undefined;
}

/** Scores every case of a split. Each case's images are scored alone and averaged (the rule of the study, fixed before any test). */
export async function scoreCases(scoring: Scoring, images: ImageSet, { mirrored }: ScoreOptions = {}): Promise<CaseScore[]> {
  const { batch, classes, size, network } = scoring.options;
  const sums = new Map<number, { label: number; count: number; p: number[] }>();
  const next = readAhead(evaluationBatches(images, { batch, crop: size ?? network.size }));
  for (let done = 0; done < images.length;) {
    const read = await next();
    const p = mirrored ? await scoreBothWays(scoring, read, mirrored) : await scoring.score(read);
    for (let i = 0; i < read.images; i++) {
      const at = images.cases[done + i];
      const sum = sums.get(at) ?? { label: images.labels[done + i], count: 0, p: Array.from({ length: classes }, () => 0) };
      for (let c = 0; c < classes; c++) sum.p[c] += p[i * classes + c];
      sum.count++;
      sums.set(at, sum);
    }
    done += read.images;
  }
  return [...sums].map(([at, { label, count, p }]) => ({ case: at, label, p: p.map((sum) => sum / count) }));
}

/** Means of the probabilities of images and of their mirror images. The mirrored crop is the mirror image of the other, to the pixel. */
async function scoreBothWays(scoring: Scoring, { pixels, placement }: ReadBatch, mirrored: readonly number[]): Promise<Float64Array> {
  const { classes, size, network } = scoring.options;
  const plain = await scoring.score({ pixels, placement });
  const right = storedSize(network, size) - (size ?? network.size);
  const turned = placement.map((value, i) => (i % 4 === 1 ? right - value : i % 4 === 2 ? 1 : value));
  const swapped = await scoring.score({ pixels, placement: turned });
  return Float64Array.from(plain, (value, i) => (value + swapped[i - (i % classes) + mirrored[i % classes]]) / 2);
}

export interface Quality {
  /** Mean of -log p of the true class over cases. */
  readonly loss: number;
  /** Share of cases whose true class scored highest; ties count as wrong. */
  readonly accuracy: number;
  /** Area under the ROC curve of "not class 0" by 1 - p[0]; absent where only one side of it occurs. */
  readonly auc?: number;
}

/** The score that the ROC curve sorts by: how likely it is that the case is anything but class 0 ("none"). */
export const positiveScore = ({ p }: CaseScore): number => p.slice(1).reduce((sum, value) => sum + value, 0);

/** Pictures that belong to no dataset, as a set of their own. All are square, of the network's stored size. */
export function pictureSet({ network, size }: Pick<GraphOptions, "network" | "size">, pictures: readonly Picture[]): ImageSet {
  const { length } = pictures;
  const numbers = Uint32Array.from({ length }, (_, i) => i);
  return {
    size: storedSize(network, size),
    length,
    classes: [],
    labels: new Uint32Array(length),
    cases: numbers,
    read: async (i) => pictures[i],
  };
}

/** Scores pictures, each by itself: [pictures][classes]. All are square, of the network's stored size. */
export async function scorePictures(scoring: Scoring, pictures: readonly Picture[], options: ScoreOptions = {}): Promise<number[][]> {
  const scores = await scoreCases(scoring, pictureSet(scoring.options, pictures), options);
  return scores.map(({ p }) => [...p]);
}

/** Smallest positive normal float32: Caffe's floor under a logarithm. */
const SMALLEST = 2 ** -126;

/** -log p of the true class. */
export const lossOf = ({ label, p }: Pick<CaseScore, "label" | "p">): number => -Math.log(Math.max(p[label], SMALLEST));

export function qualityOf(scores: readonly CaseScore[]): Quality {
  let loss = 0;
  let correct = 0;
  for (const score of scores) {
    const { label, p } = score;
    loss += lossOf(score) / scores.length;
    if (p.every((value, i) => i === label || value < p[label])) correct++;
  }
  const truth = scores.map(({ label }) => (label > 0 ? 1 : 0));
  const both = truth.includes(1) && truth.includes(0);
  return { loss, accuracy: correct / scores.length, ...(both && { auc: auc(scores.map(positiveScore), truth) }) };
}

// What a trainer takes and gives.
import { colour, flag, kind, number, oneOf, texts, whole } from "./check.ts";
import type { PixelData } from "./pictures.ts";
import type { Augmentation, Sample } from "./samples.ts";
import type { Solver } from "./training-types.ts";

/** What a trainer trains, and how. */
export interface TrainerOptions {
  /**
   * What it learns from. An array is shown in an order that the seed draws, epoch after epoch. An async iterable is shown as it comes; when it ends, it is
   * begun again.
   */
  readonly samples: readonly Sample[] | AsyncIterable<Sample>;
  /** Names of the classes in the order of their indices. Default: "class 0", "class 1" and so on. */
  readonly labels?: readonly string[];
  /** Images per step. Default 32. */
  readonly batch?: number;
  /** Seed of starting values, order, crops and dropout, a whole number. Default 0. */
  readonly seed?: number;
  /** How weights are updated, as `sgd` returns it. Default: momentum 0.9 and the reference solver's weight decay. */
  readonly solver?: Solver;
  /** Learning rate of the first step; `rate` of the trainer changes it. Default: 0.01, or 0.001 where the model has weights to start from. */
  readonly rate?: number;
  /** Whether images are mirrored at random; the classes "left" and "right" change places with them. Default false. */
  readonly mirror?: boolean;
  /** "variants": each sample is learnt as its 48 variants (turned, mirrored, scaled, blurred, ...), for samples in memory. Or a function of one's own. */
  readonly augment?: "variants" | Augmentation;
  /** Blue, green and red that are subtracted. Default: the mean of the samples in memory; for an iterable, ImageNet's. */
  readonly mean?: readonly [blue: number, green: number, red: number];
  /** Multiplies the pixels once their mean is subtracted. Default 1, as in the reference models; small networks learn at higher rates from 1 / 64. */
  readonly pixelScale?: number;
  /**
   * How weights start that no file gives. "reference": as those of the reference model. "msra": by He et al.'s law. "lsuv": by that law and then scaled, layer after
   * layer, to 24 of the samples, which have to be in memory (Mishkin and Matas 2016). "equal": all of a layer alike, so that its units learn the same and
   * stay alike. Default "reference".
   */
  readonly init?: "reference" | "msra" | "lsuv" | "equal";
  /** Layers that pass on what comes to them, by kind ("lrn", "relu", "dropout") or by name ("relu5"), to see what they are for. Default: none. */
  readonly without?: readonly string[];
  /** Weight of the losses of auxiliary heads; at 0 they learn nothing and change nothing. Default: the network's, 0.3 in GoogLeNet. */
  readonly auxiliary?: number;
  /** Layers that keep their values, by name or beginning ("conv1", "conv*"). Default: none. */
  readonly frozen?: readonly string[];
}

/** Options of `step`. */
export interface StepOptions {
  /** Steps that are taken, a whole number from 1; what is returned is of all of them. Default 1. */
  readonly count?: number;
  /** Once aborted, no further step is begun, and the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /**
   * Submits a step in parts of at most so many milliseconds of work, so that a page can be drawn in between; a kernel that takes longer is a part of its own.
   * The first two such steps measure the kernels. The bits are the same. Default: a step is one submission.
   */
  readonly sliceMs?: number;
  /** Measures the last of the steps by layer. It costs a copy of the parameters and a forward pass; the bits are the same. Default false. */
  readonly measure?: boolean;
}

/** A layer with weights, measured on the device after a step. */
export interface LayerMeasure {
  /** Caffe's name of the layer. */
  readonly layer: string;
  /**
   * Euclidean norm of the gradient that the step applied to its weights and bias, without weight decay; null where the layer does not learn and where the rate
   * is 0. It is derived from the momenta before and after the step, so it has their rounding.
   */
  readonly gradient: number | null;
  /** Share of its channels that no image of the batch makes positive, 0 to 1: they pass nothing on and learn nothing. Null where no ReLU follows. */
  readonly dead: number | null;
}

/** The last step's batch as the network saw it. */
export interface TrainedBatch {
  /** Its pictures as they were cropped and mirrored. */
  readonly pictures: readonly PixelData[];
  /** Index of each picture's class. */
  readonly labels: readonly number[];
  /** Probabilities of the classes for each picture, with the parameters as they are after the step and without dropout. */
  readonly probabilities: readonly (readonly number[])[];
}

/** What one or more steps gave. */
export interface StepResult {
  /** Number of steps that the trainer has taken since its start. */
  readonly step: number;
  /** Mean loss of the steps: of all heads, weighted. NaN or infinite where training diverged. */
  readonly loss: number;
  /** Weighted loss of each head in the last of the steps, by the head's name; the main one first. */
  readonly losses: Readonly<Record<string, number>>;
  /** Share of the steps' images whose class was found, 0 to 1. */
  readonly accuracy: number;
  /** Steps until the loss was not a number: all of them, unless training diverged. */
  readonly finiteSteps: number;
  /** The layers with weights in the order of the forward pass, where `measure` asked for it. */
  readonly layers?: readonly LayerMeasure[];
}

/** How well a network does on samples. */
export interface EvaluationResult {
  /** Mean of -log of the true class's probability. */
  readonly loss: number;
  /** Share of samples whose class was found, 0 to 1; ties count as not found. */
  readonly accuracy: number;
  /** Area under the ROC curve of "not class 0", 0 to 1; absent where only one side of it occurs. */
  readonly auc?: number;
  /** Probabilities of the classes for each sample, in the order of the samples. */
  readonly probabilities: readonly (readonly number[])[];
  /** Loss of each sample, -log of the true class's probability, in the order of the samples; `loss` is their mean. */
  readonly losses: readonly number[];
}

const isAsyncIterable = (value: unknown): value is AsyncIterable<Sample> => typeof Object(value)[Symbol.asyncIterator] === "function";

/** What each option may be. */
export const TRAINER_KINDS = {
  samples: kind((value) => Array.isArray(value) || isAsyncIterable(value), "an array of { image, label }, or an async iterable of them"),
  labels: texts,
  batch: whole(1),
  seed: whole(0),
  solver: kind((value) => typeof (value as Solver | null)?.momentum === "number", "what sgd() returns"),
  rate: number((value) => value >= 0 && value < Infinity, "a number from 0"),
  mirror: flag,
  augment: kind((value) => value === "variants" || typeof value === "function", '"variants" or a function'),
  mean: colour,
  frozen: texts,
  pixelScale: number((value) => value > 0 && value < Infinity, "a number above 0"),
  init: oneOf("reference", "msra", "lsuv", "equal"),
  without: texts,
  auxiliary: number((value) => value >= 0 && value < Infinity, "a number from 0"),
};

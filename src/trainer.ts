// The entry striatum/trainer: training step by step, on samples of a program. Loaded only where it is wanted.
export { openTrainer, type Trainer } from "./library/trainer.ts";
export type { EvaluationResult, LayerMeasure, StepOptions, StepResult, TrainedBatch, TrainerOptions } from "./library/trainer-types.ts";
export type { Mark } from "./library/mark.ts";
export type { Augmentation, AugmentationDraw, Sample } from "./library/samples.ts";

// The entry striatum/trainer: training step by step, on samples of a program. Loaded only where it is wanted.
export {
  openTrainer,
  type EvaluationResult,
  type Mark,
  type StepOptions,
  type StepResult,
  type Trainer,
  type TrainerOptions,
} from "./library/trainer.ts";
export type { Augmentation, AugmentationDraw, Sample } from "./library/samples.ts";

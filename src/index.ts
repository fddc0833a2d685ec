// Striatum's public face: the same in Node and in a browser. docs/api.md is made of what it exports, by `npm run docs:api`.
export { openDevice, type Device, type DeviceLoss, type DeviceOptions, type KernelFamily, type WebGpuDevice } from "./library/device.ts";
export { alexnet, googlenet, type Model, type ModelFamily, type ModelOptions } from "./library/model.ts";
export type { Classifier, ClassifyOptions, Guess, LoadOptions } from "./library/classifier.ts";
export { loadImage } from "./library/image.ts";
export { profile, type ProfileReport, type ProfileRequest, type ProfileTableOptions } from "./library/profile.ts";
export type { FileLike, Source } from "./library/host.ts";
export type { Picture } from "./dataset/image.ts";
export { folder, type Folder, type FolderOptions, type FolderSplit } from "./library/folder.ts";
export { fixedLr, polyLr, sgd, stepLr, train, type SgdOptions, type StepLrOptions } from "./library/training.ts";
export type {
  Best,
  CheckpointEvent,
  CompileEvent,
  EpochEvent,
  NoteEvent,
  Rate,
  RateSteps,
  Solver,
  StepEvent,
  TrainEvent,
  TrainingRun,
  TrainRequest,
} from "./library/training-types.ts";

// Striatum's public face: the same in Node and in a browser. docs/api.md is made of what it exports, by `npm run docs:api`.
export {
  openDevice,
  type Device,
  type DeviceDescription,
  type DeviceLoss,
  type DeviceMemory,
  type DeviceOptions,
  type KernelFamily,
  type WebGpuBuffer,
  type WebGpuDevice,
} from "./library/device.ts";
export { alexnet, googlenet, type Model, type ModelFamily, type ModelOptions } from "./library/model.ts";
export type { Classifier, LoadOptions } from "./library/classifier.ts";
export type { ClassifyOptions, Guess, LayerInfo, RunOnGpuOptions, RunOptions } from "./library/run.ts";
export type { GpuTensor, TensorValues } from "./library/tensors.ts";
export type { Explanation, ExplainOptions } from "./library/explain.ts";
export type { Target } from "./library/target.ts";
export type { SaveOptions } from "./library/save.ts";
export { loadImage } from "./library/image.ts";
export { profile, type ProfileReport, type ProfileRequest, type ProfileTableOptions } from "./library/profile.ts";
export type { DrawableImage, PageObject, PictureInput, PictureTensor, PixelData } from "./library/pictures.ts";
export type { FileLike, Source, UrlLike } from "./library/host.ts";
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

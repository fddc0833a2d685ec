// Striatum's public face: the same in Node and in a browser.
export { openDevice, type Device, type DeviceOptions } from "./library/device.ts";
export { alexnet, googlenet, type Model, type ModelFamily, type ModelOptions } from "./library/model.ts";
export type { Classifier, Guess, LoadOptions } from "./library/classifier.ts";
export { loadImage } from "./library/image.ts";
export { profile, type ProfileReport, type ProfileRequest } from "./library/profile.ts";
export type { FileLike, Source } from "./library/host.ts";
export type { Picture } from "./dataset/image.ts";
export {
  fixedLr,
  folder,
  polyLr,
  sgd,
  stepLr,
  train,
  type Best,
  type Folder,
  type TrainEvent,
  type TrainingRun,
  type TrainRequest,
} from "./library/training.ts";

// Striatum's public face: the same in Node and in a browser.
export { openDevice, type Device, type DeviceOptions, type WebGpuDevice } from "./library/device.ts";
export { alexnet, googlenet, type Model, type ModelFamily, type ModelOptions } from "./library/model.ts";
export type { Classifier, Guess, LoadOptions } from "./library/classifier.ts";
export { loadImage } from "./library/image.ts";
export { profile, type ProfileReport, type ProfileRequest } from "./library/profile.ts";
export type { FileLike, Source } from "./library/host.ts";
export type { Picture } from "./dataset/image.ts";
export { fixedLr, folder, polyLr, sgd, stepLr, train, type FolderOptions } from "./library/training.ts";
export type { Best, Folder, Rate, Solver, TrainEvent, TrainingRun, TrainRequest } from "./library/training-types.ts";

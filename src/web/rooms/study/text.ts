// Texts of Study.
import { NETWORKS } from "../../text.ts";

export const TEXT = {
  title: "A study on your own folder",
  banner: "Research and teaching only, never for diagnosis.",
  synthetic:
    "These cases are synthetic: phantoms that a program draws. No patient is among them, and what a model learns from them says nothing of patients.",
  intro:
    "Eight models, from the check of the cases to a report: AlexNet and GoogLeNet, untrained and pretrained, with and without augmentation. Everything is read and computed in this tab.",
  choose: "1. Choose cases",
  dropHere: "Drop a folder here: DICOM series or pictures, a case for each subfolder or file",
  chooseFolder: "Choose a folder",
  orSynthetic: "Use synthetic heads",
  folder: (files: number, bytes: number): string =>
    `${files} ${files === 1 ? "file" : "files"}, ${sizeOf(bytes)}. Nothing has been read yet.`,
  check: "2. Check",
  checkNow: "Read and check the cases",
  checking: (done: number, of: number): string => `${done} of ${of} cases read`,
  privacy: "Names, dates and identifiers in DICOM files are neither shown nor kept. Reports call cases by their number in the list.",
  labels: "Labels",
  noList: "The folder has no list of its cases (labels.csv). Set a label for each, then go on.",
  labelKeys: "Left and right are the patient's. Keys: 1 none, 2 left, 3 right; arrows choose a case.",
  noLabel: "no label yet",
  oneSlice: (slices: number): string =>
    `One of ${slices} slices: the nearest to the basal ganglia, in the brain window. The patient's right is on the left of the picture.`,
  cannotUse: (verdict: string): string =>
    verdict === "error" ? "Nothing can be trained before this is mended:" : "Left out of the study:",
  changeLabels: "Change labels",
  labelled: (done: number, of: number): string => `${done} of ${of} have a label`,
  download: "Download labels.csv",
  keep: "Put labels.csv into the folder: a study that is resumed wants the same labels.",
  useLabels: "Check with these labels",
  classNames: ["none", "left", "right"] as const,
  usable: "Usable cases by split and label",
  excluded: "Cases excluded",
  leftOut: "Files left out",
  errors: "Errors",
  lacks: "What is missing for a study",
  warnings: "Warnings",
  sheet: "All cases",
  caption: (number: number, label: string): string => `case ${number}, ${label}`,
  plan: "3. Plan",
  models: "Models",
  allModels: "all eight",
  twoModels: "two: AlexNet untrained and pretrained",
  seeds: "Training seeds",
  iterations: "Steps of each training",
  usualSteps: "the profile's, 600 to 960",
  patients: "Synthetic patients",
  slab: "series are slabs around the basal ganglia",
  fix: "Fix the protocol",
  fixing: "Reading the cases",
  fixed: (hash: string): string =>
    `The protocol is fixed (${hash}). The same options give the same protocol, and on the same adapter the same bits, on the command line.`,
  forecast: "Measure a step and forecast",
  measuring: "Measuring a step of each network",
  takes: (seconds: number): string => `About ${durationOf(seconds)} from here on this device.`,
  step: (network: string, seconds: number): string =>
    `${NETWORKS[network] ?? network}: ${seconds < 1 ? `${Math.round(seconds * 1000)} ms` : `${seconds.toFixed(1)} s`} per step`,
  power: (positives: number, negatives: number): string =>
    `What ${positives} test cases with a finding and ${negatives} without can show, whatever the models:`,
  auc: "Area under the ROC curve",
  interval: "95 % interval",
  run: "4. Run",
  start: "Start",
  goOn: "Go on",
  pause: "Pause",
  pausing: "Pausing at the next checkpoint",
  running: (done: number, of: number): string => `${done} of ${of} jobs done`,
  eta: (seconds: number): string => `about ${durationOf(seconds)} to go`,
  closeTab: "This tab may be closed: the study goes on from its last checkpoint when this page is opened again.",
  shut: "The test set is shut. Each model opens it once, after it was trained; results are shown when all are done.",
  open: "The test set was opened once for each model.",
  job: "Job",
  jobName: (name: string): string => {
    const [, network, start, data, seed] = /^(\w+)-(untrained|pretrained)-(plain|augmented)-seed(\d+)$/.exec(name) ?? [];
    return network === undefined ? name : `${NETWORKS[network] ?? network}, ${start}, ${data}, seed ${seed}`;
  },
  state: "State",
  loss: "Loss",
  done: "done",
  waiting: "waits",
  isHere: (done: number, of: number): string => `A study is in this browser: ${done} of ${of} jobs done.`,
  wantsFolder: "Its cases were a folder of yours, of which nothing was kept. Drop it again, with the same labels.csv, to go on.",
  read: "5. Read",
  show: "Open the report here",
  hide: "Close the report",
  save: "Save report.html",
  report: "Report",
  forget: "6. Forget",
  forgetWhy: "Removes the study, its synthetic cases and its weights from this browser. Nothing else holds them.",
  forgetNow: "Remove everything of this study",
  forgotten: (names: readonly string[]): string =>
    names.length === 0
      ? "The browser's storage of this page has no study any more: its folder is empty."
      : `Still there: ${names.join(", ")}`,
  noWebGpu: "The check works without WebGPU; training does not.",
  keysOf: { none: "label: none", left: "label: left", right: "label: right", next: "next case", previous: "previous case" },
} as const;

function sizeOf(bytes: number): string {
  if (bytes < 1e6) return `${Math.max(1, Math.round(bytes / 1e3))} kB`;
  return bytes < 1e9 ? `${Math.round(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}

/** "40 s", "12 minutes", "3.5 hours". */
function durationOf(seconds: number): string {
  if (seconds < 90) return `${Math.max(1, Math.round(seconds))} s`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} minutes` : `${(seconds / 3600).toFixed(1)} hours`;
}

// Texts of Learn.
import type { Settings } from "./settings.ts";

export const TEXT = {
  title: "Learn",
  what: (network: string, classes: number, training: number): string =>
    `${network} learns ${classes} classes from ${training} pictures, in this tab.`,
  synthetic: "The heads are synthetic: drawn by a program, of no patient.",
  play: "Play",
  pause: "Pause",
  step: "Step",
  epoch: "Epoch",
  toStart: "To the start",
  rewindTo: "Rewind to step",
  back: "One step back",
  steps: (step: number): string => `Step ${step}`,
  replaying: (left: number): string => `Replaying, ${left} steps left`,
  replayed: (steps: number, isSame: boolean, comparedHash: boolean): string => {
    const taken = steps === 1 ? "1 step replayed" : `${steps} steps replayed`;
    if (!isSame) return `${taken}, bits differ`;
    return comparedHash ? `${taken}, bits equal` : `${taken}, losses equal to the bit`;
  },
  marked: (step: number, isSame: boolean): string => `Back at step ${step}, from its mark, bits ${isSame ? "equal" : "differ"}`,
  loss: "Loss",
  lossOf:
    "Loss of each step, a line for each run; thin: the heads of the run that is open; dotted: a head that gives each class the same probability",
  showNumbers: "Show numbers",
  accuracy: "Right in the batch",
  heads: "Loss by head, weighted",
  batch: "The last batch, and what the network says of it now",
  noBatch: "Nothing was learnt yet: press Play.",
  right: "right",
  wrong: "wrong",
  saysOf: (label: string, likeliest: string, probability: number): string =>
    likeliest === label ? `${label}, ${percent(probability)}` : `${label}; says ${likeliest}, ${percent(probability)}`,
  filters: "First filters",
  filtersOf: (count: number): string => `${count} filters of the first layer, in colour, on one scale`,
  layers: "Layers",
  layer: "Layer",
  gradient: "Gradient norm",
  beside: "Beside it",
  at: (run: number, step: number): string => `run ${run}, step ${step}`,
  dead: "Dead units",
  ridge: "Gradient norm of each layer over the steps, from blue, small, to yellow, large, as a logarithm",
  measure: "Measure layers",
  heldOut: "Held-out pictures",
  score: "Score them",
  scored: (accuracy: number, auc: number | undefined, loss: number, count: number): string =>
    `${percent(accuracy)} of ${count} right, loss ${loss.toFixed(3)}${auc === undefined ? "" : `, AUC ${auc.toFixed(3)}`}`,
  settings: "Settings",
  settingsNote: "Every change makes a run of its own beside the old ones.",
  network: "Network",
  channels: "Channels",
  share: (width: number): string => (width === 1 ? "all" : `1/${width}`),
  side: "Pixels",
  data: "Pictures",
  dataNames: { fractals: "fractals", phantoms: "synthetic heads", own: "own pictures" },
  categories: "Categories",
  cases: "Synthetic patients",
  seed: "Seed",
  dice: "New dice",
  batchSize: "Batch",
  rate: "Rate",
  momentum: "Momentum",
  decay: "Weight decay",
  auxiliary: "Auxiliary losses",
  start: "Start",
  starts: { lsuv: "scaled to the data", msra: "He et al.", reference: "as the paper's", equal: "all weights equal" },
  off: "Left out",
  offParts: "relu, lrn, dropout, mean",
  ownFolder: "Choose a folder",
  ownNote: "Or drop it anywhere on the page: a folder that holds a folder of pictures for each class. It stays in this tab.",
  ownTaken: (pictures: number, classes: number): string => `${pictures} pictures of ${classes} classes`,
  break: "Break something",
  breakNote: "Say what will happen, open the forecast, then try it.",
  forecast: "Forecast",
  tryIt: "Try it",
  again: "Put it back",
  hash: "SHA-256",
  hashWhy: "The first half of the hash of all parameters and momenta: the same where every bit is the same.",
  runs: "Runs",
  run: (number: number): string => `Run ${number}`,
  first: "the first",
  open: "open",
  restore: "Restore",
  remove: "Forget",
  tooMany: "Eight runs are kept; the oldest that is not open gave way.",
  keep: "Keep what it learnt",
  saveFile: "Save weights",
  openInLook: "Open in Look",
  cannotOpen: "A network without some of its parts would be opened with them, so it cannot be opened elsewhere.",
  address: "The address says the settings and the step. Who opens it replays the run.",
  notFinite: (step: number): string => `The loss is not a number since step ${step}.`,
  tenfold: (step: number): string => `The loss is more than ten times that of the first step since step ${step}.`,
  began: (layer: string, gradient: number): string =>
    `The largest gradient of the step before was that of ${layer}: ${Number.isFinite(gradient) ? gradient.toPrecision(3) : "not a number"}.`,
  rewindBefore: (step: number): string => `Rewind to step ${step}`,
  goOn: "Go on regardless",
  softwareNote: "A processor computes here: a step takes a part of a second or more.",
  hidden: "Paused: the tab was hidden.",
  bits: "Same settings, same adapter: the same bits.",
  keys: { play: "play or pause", step: "one step", epoch: "one epoch", start: "rewind to the start", back: "one step back" },
  empty: "No run yet",
  viewed: "The run of the command line that this server shows.",
  viewedCases: "Its cases and weights",
  learnHere: "Learn in this tab instead",
  noLosses: "No losses yet: they are there after its first look at the validation cases.",
  noRun: "This page is not served by `npx striatum view`, so there is no run to show.",
} as const;

export function percent(share: number): string {
  return `${(100 * share).toFixed(0)} %`;
}

/** Something to break: what changes, and what is then to be expected. */
export interface Break {
  readonly name: string;
  readonly change: (settings: Settings) => Partial<Settings>;
  /** Whether the settings have it already. */
  readonly isOn: (settings: Settings) => boolean;
  readonly forecast: string;
  readonly only?: Settings["net"];
}

const without = (name: string): Pick<Break, "change" | "isOn"> => ({
  change: ({ off }) => ({ off: off.includes(name) ? off : [...off, name] }),
  isOn: ({ off }) => off.includes(name),
});
const times = (factor: number): Pick<Break, "change" | "isOn"> => ({ change: ({ rate }) => ({ rate: rate * factor }), isOn: () => false });

export const BREAKS: readonly Break[] = [
  { name: "Rate x 10", ...times(10), forecast: "The loss jumps in the first steps, and either settles higher or climbs away." },
  {
    name: "Rate x 100",
    ...times(100),
    forecast: "Within a few steps the weights overshoot, the loss grows tenfold or is no number any more.",
  },
  {
    name: "Momentum 0",
    change: () => ({ momentum: 0 }),
    isOn: ({ momentum }) => momentum === 0,
    forecast: "The loss falls about ten times slower: at 0.9, steps in one direction add up to ten times the step.",
  },
  {
    name: "Without ReLU",
    ...without("relu"),
    forecast: "Only pooling, LRN and dropout are left that are not linear: it learns less, and no unit is dead.",
  },
  {
    name: "Without LRN",
    ...without("lrn"),
    forecast: "Little changes: with alpha 0.0001 on values of about 1 the layer divides by nearly 1.",
  },
  {
    name: "Without dropout",
    ...without("dropout"),
    forecast: "The loss of the batches falls faster and less noisily; on held-out pictures it may end higher.",
  },
  {
    name: "All weights equal",
    change: () => ({ start: "equal" }),
    isOn: ({ start }) => start === "equal",
    forecast: "All units of a layer get the same gradient and stay alike (dropout and LRN make a few differ): the loss stays near chance.",
  },
  {
    name: "Mean not subtracted",
    ...without("mean"),
    forecast:
      "All inputs are positive, so a filter's weights are pushed up or down together: learning is slower at this rate, or diverges.",
  },
  {
    name: "Labels shuffled",
    change: () => ({ shuffled: true }),
    isOn: ({ shuffled }) => shuffled,
    forecast: "The loss stays at chance for long, then falls as pictures are learnt by heart. Held-out pictures stay at chance.",
  },
  {
    name: "Auxiliary losses, paper's start",
    change: () => ({ auxiliary: 0.3, start: "reference" }),
    isOn: ({ auxiliary, start }) => auxiliary === 0.3 && start === "reference",
    only: "googlenet",
    forecast:
      "GoogLeNet has two more classifiers half way, behind 4a and 4d, whose losses count 0.3 times and are dropped once it has learnt. Try this first, then without them, each for some steps: the column beside the gradient norms has the other run's.",
  },
  {
    name: "No auxiliary losses, paper's start",
    change: () => ({ auxiliary: 0, start: "reference" }),
    isOn: ({ auxiliary, start }) => auxiliary === 0 && start === "reference",
    only: "googlenet",
    forecast:
      "Up to 4a, where the first of the two heads was, gradients are four to six times smaller: only the loss at the end reaches them, through all modules. Behind 4d nothing changes.",
  },
  {
    name: "No auxiliary losses, scaled start",
    change: () => ({ auxiliary: 0, start: "lsuv" }),
    isOn: ({ auxiliary, start }) => auxiliary === 0 && start === "lsuv",
    only: "googlenet",
    forecast:
      "The gradients of the first modules are as large as with the heads, or larger: a start that keeps the scale of the activations from layer to layer does what the heads are for.",
  },
  {
    name: "Auxiliary losses x 1",
    change: () => ({ auxiliary: 1 }),
    isOn: ({ auxiliary }) => auxiliary === 1,
    only: "googlenet",
    forecast: "The sum of losses is larger by as much as the two heads add; the first modules learn mostly for them.",
  },
  {
    name: "Batch of 1",
    change: () => ({ batch: 1 }),
    isOn: ({ batch }) => batch === 1,
    forecast: "Each step is faster and its gradient is of one picture: the line becomes a cloud, and may not come down at this rate.",
  },
];

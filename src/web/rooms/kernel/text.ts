// Texts of Kernel.

const number = (value: number): string => value.toLocaleString("en");

export const TEXT = {
  step: "Step",
  scoring: "a pass, one picture",
  training: "training, two pictures",
  launch: "Launch",
  family: "Family",
  beside: "Beside it",
  definition: "float64 definition",
  formula: "Formula",
  waiting: "Planning the network",
  code: "The kernel as it is linked",
  codeOf: (name: string): string => `Kernel ${name}`,
  definitionNote: "The meaning of the op, in float64, on the host. Every kernel is held against it.",
  lines: (count: number): string => (count === 1 ? "1 line" : `${count} lines`),
  slot: (name: string): string => `fills the slot "${name}"`,
  included: "included",
  parameter: "tunable",
  noFamily: (family: string): string => `The family "${family}" cannot compute this layer on this adapter.`,
  several: (nth: number, of: number): string => `Launch ${nth + 1} of the ${of} that this family takes for the layer.`,
  unknownLaunch: (name: string): string => `This network has no launch "${name}". The first is shown.`,
  grid: "Grid",
  workgroups: (groups: readonly number[]): string =>
    `${groups.join(" × ")} workgroups${groups.filter((n) => n > 1).length > 1 ? `, ${number(groups.reduce((a, b) => a * b, 1))} in all` : ""}`,
  facts: { op: "Op", layer: "Layer", family: "Family", stage: "Part", flops: "Work", bytes: "Least traffic", intensity: "Intensity" },
  bindings: "Bindings",
  variable: "Variable",
  holds: "Holds",
  bytes: "Bytes",
  dims: "Dimensions",
  owners: "Who makes what",
  ownersWhy:
    "Each element in the colour of the workgroup that stores it. The kernel itself wrote this map down: it ran once more with every store replaced by the workgroup's number.",
  ownersRun: "Ask the kernel",
  ownersBusy: "The kernel is writing down its workgroups",
  play: "Play",
  pause: "Pause",
  all: "Show all",
  order: "Workgroups light up in the order of their numbers. That order is a convention: the order on the adapter is not known.",
  output: "Output",
  partial: "partial sums",
  owned: (elements: number, none: number, shared: number, again: number): string => {
    const faults = [
      ...(none > 0 ? [`${number(none)} are stored by other launches of the layer`] : []),
      ...(shared > 0 ? [`${number(shared)} are stored by two workgroups`] : []),
      ...(again > 0 ? [`${number(again)} are stored more than once`] : []),
    ];
    return `${number(elements)} elements. ${faults.length > 0 ? `${faults.join("; ")}.` : "Each is stored once, by one workgroup."}`;
  },
  ownerMap: "Map of the output by workgroup. Arrow keys move.",
  errorMap: "Map of the output: right and wrong. Arrow keys move.",
  at: "at",
  nobody: "no workgroup of this launch",
  workgroup: (group: number, [x, y]: readonly number[]): string =>
    y > 1 || group >= x
      ? `workgroup ${group} (${group % x}, ${Math.floor(group / x) % y}, ${Math.floor(group / (x * y))})`
      : `workgroup ${group}`,
  makes: (count: number): string => `makes ${number(count)} elements`,
  needs: (workgroup: number, input: string): string => `What workgroup ${number(workgroup)} needs of ${input}`,
  needsWhy: (pixels: number, of: number, bytes: string, share: number): string =>
    `${number(pixels)} of ${number(of)} pixels, ${bytes} with their channels; each is needed for ${Number(share.toPrecision(3))} of its output pixels on average. This is derived from the op's definition. What the kernel reads of it, and how often, is not recorded.`,
  neededFor: (count: number): string => (count === 0 ? "not needed" : `needed for ${number(count)} of its output pixels`),
  pointAt: "Point at an element to see what its workgroup needs of the input.",
  measure: "On this adapter",
  run: "Run, time and verify",
  running: "Running",
  stop: "Stop",
  noTimes: "This device has no timestamp queries, so nothing is timed.",
  median: "Median time",
  spread: "Shortest to longest",
  gflops: "Arithmetic",
  traffic: "Traffic, at least",
  worst: "Largest error over its bound",
  verified: (elements: number): string => `All ${number(elements)} elements are within the derived bound of the float64 definition.`,
  roofline: "Roofline",
  roofs: "Measure the roofs",
  roofsWhy: "The two roofs are measured on this adapter: multiply-adds on registers, and a copy. The dots are kernels that were run here.",
  aboveRoof: "A dot above the roof: on this adapter the roof's own small kernel is slower than that one.",
  roofsAre: (gflops: number, bandwidth: number): string => `${gflops.toPrecision(3)} GFLOP/s and ${bandwidth.toPrecision(3)} GB/s`,
  families: "Families side by side",
  familiesRun: "Run all",
  kernel: "Kernel",
  time: "Time",
  edit: "Edit the kernel",
  editWhy:
    "Change the text and try it. It runs on a device of its own, on seeded values of this launch's sizes, and every element is compared with the definition. A kernel that does not end is stopped.",
  editor: "Text of the kernel",
  tryIt: "Try it",
  tryKeys: "Ctrl + Enter",
  restart: "Start again",
  changed: "changed",
  asDifference: "as a difference",
  difference: "What differs",
  changes: (gone: number, added: number, same: number): string =>
    gone + added === 0
      ? "The texts are the same."
      : `Lines: ${number(gone)} removed (−), ${number(added)} added (+), ${number(same)} the same.`,
  right: "Right: it equals the definition within float32's bound.",
  wrong: "Wrong.",
  line: (line: number, column: number): string => `line ${line}, column ${column}`,
  newLine: "a line of yours",
  faster: (ratio: number): string =>
    ratio > 1.05
      ? `${ratio.toFixed(2)} times as fast as the kernel it replaces`
      : ratio < 0.95
        ? `${(1 / ratio).toFixed(2)} times as slow as the kernel it replaces`
        : "as fast as the kernel it replaces",
  worstAt: "Worst element",
  found: "found",
  exact: "exact",
  error: "error",
  bound: "bound",
  elementRight: "right",
  elementWrong: "wrong",
  notANumber: "not a number",
  timedOut: (seconds: number): string =>
    `The kernel gave no answer within ${seconds} s. Its worker and its device were closed; the network goes on. The next try opens another device.`,
  stopped: "Stopped. The next try opens another device.",
  keysOf: {
    previous: "previous launch",
    next: "next launch",
    family: "next family",
    beside: "something else beside it",
    run: "run, time and verify",
    owners: "owner map, play or pause",
    back: "one workgroup less",
    forward: "one workgroup more",
    edit: "to the text of the kernel",
  },
} as const;

/** Numbers with a unit, three digits. */
export function withUnit(value: number, unit: string): string {
  const steps = ["", "k", "M", "G", "T"];
  const step = Math.min(steps.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(value, 1)) / 3)));
  const scaled = value / 1000 ** step;
  return `${step === 0 ? String(Math.round(scaled)) : Number(scaled.toPrecision(3))} ${steps[step]}${unit}`;
}

/** Milliseconds, in the unit that suits them. */
export const duration = (milliseconds: number): string =>
  milliseconds < 1 ? `${Number((milliseconds * 1000).toPrecision(3))} µs` : `${Number(milliseconds.toPrecision(3))} ms`;

/** A value of a tensor. */
export const shown = (value: number): string => (Number.isFinite(value) ? String(Number(value.toPrecision(7))) : String(value));

// docs/performance.md as a function of the results files and the notes.
import { goalsOf, growthFrom } from "./goals.ts";
import { figure, mebibytes, percent, seconds, section, spread, titleOf, type Cell } from "./markdown.ts";
import { peerParts } from "./peers-table.ts";
import { isMeasured, type Ablation, type Cold, type Conditions, type Input, type Kernels, type Results, type Steps } from "./results.ts";
import { median } from "../src/engine/profiler.ts";
import { CONTROL } from "../src/train/ablation.ts";

/** `results` by file name, in their order on the page; `planned`: parts that need no adapter. */
export function performancePage(results: readonly (readonly [string, Results])[], notes: string, planned: readonly string[] = []): string {
  const parts = [
    "# Performance",
    "`npm run bench:report` generates this page from [bench/results](../bench/results) and [bench/notes.md](../bench/notes.md); [bench/README.md](../bench/README.md) " +
      "describes the measurements. Times are medians in milliseconds, with the quartiles in parentheses. Everything was checked before it was timed. On a shared machine, " +
      "compare a time with the adapter's multiply-add peak right before and after, and with the share of the processors that other processes used. " +
      "Ratios are of times from the same round.",
    ...results.flatMap(([file, result]) => adapterParts(file, result)),
    ...(planned.length > 0 ? ["## By plans and compilers alone", ...planned] : []),
    notes.trim(),
  ];
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}

function adapterParts(file: string, results: Results): string[] {
  const { adapter, steps = {}, growth = {}, kernels = {}, cold = {}, input, peers, ablation = {} } = results;
  const goals = goalsOf(results);
  return [
    `## ${adapter?.name ?? file.replace(".json", "")}`,
    `All numbers, all times: [${file}](../bench/results/${file}).`,
    ...section(
      "Goals",
      goals.map(({ what, goal, measured, met }) => [what, goal, measured, met ? "met" : "missed"]),
      ["what", "goal", "measured", ""],
    ),
    ...Object.entries(steps).flatMap(([net, entry]) => stepParts(net, entry)),
    ...Object.entries(growth).flatMap(([net, entry]) => widthParts(net, entry)),
    ...Object.entries(kernels).flatMap(([net, entry]) => kernelParts(net, entry)),
    ...coldParts(cold),
    ...(input ? inputParts(input) : []),
    ...(peers ? peerParts(peers) : []),
    ...Object.entries(ablation).flatMap(([net, entry]) => ablationParts(net, entry)),
  ];
}

/** How problems were compared with float64, in words. */
const CHECKS: Readonly<Record<Kernels["problems"][number]["checked"]["by"], string>> = {
  samples: "by some outputs",
  whole: "by all outputs",
  "fewer images": "by all outputs of fewer images",
  cases: "on the cases of `npx striatum verify`",
};

/** Date, commit and peak: one sentence under every table. */
function told({ date, commit, processor, peak, host }: Conditions, more = ""): string {
  const { model, cores, takenByOthers } = processor;
  const peaks = peak
    ? `; adapter's peak before and after: ${figure(peak.before.gflops)} and ${figure(peak.after.gflops)} GFLOPS, ${figure(peak.before.gigabytesPerSecond)} and ` +
      `${figure(peak.after.gigabytesPerSecond)} GB/s`
    : "";
  const versions = [
    host["runtime"],
    host["webgpu"] && `webgpu ${host["webgpu"]}`,
    host["dawnProfile"] && `Dawn profile ${host["dawnProfile"]}`,
  ];
  return (
    `${date}, commit ${commit ?? "unknown"}; ${[...versions, `${cores} x ${model}`].filter(Boolean).join(", ")}; other processes used ${percent(takenByOthers)} of the ` +
    `processors${peaks}.${more}`
  );
}

function stepParts(net: string, { rows, conditions, network }: Steps): string[] {
  const measured = rows.filter(isMeasured);
  const cells = rows.map((row): Cell[] => {
    if (!isMeasured(row)) return [row.batch, "-", "-", "-", "-", "-", "-", "-", "-", row.skipped];
    const before = measured[measured.indexOf(row) - 1];
    return [
      row.batch,
      spread(row.train),
      figure(row.imagesPerSecond.train),
      before ? growthFrom(before, row, "train").toFixed(2) : "-",
      spread(row.infer),
      figure(row.imagesPerSecond.infer),
      row.training.launches,
      mebibytes(row.training.peakBytes),
      (row.training.peakBytes / row.training.boundBytes).toFixed(3),
      "",
    ];
  });
  const header = ["batch", "training step", "images/s", "growth", "inference", "images/s", "launches", "MiB", "over bound", ""];
  const passes = ` Passes: ${network.passes.join(", ") || "none"}. Kernel families: ${network.families.join(", ")}; math ${network.math}; ${
    network.tuning ? `${network.tuning.problems} problems chosen by tuning table ${network.tuning.hash}` : "no tuning table"
  }.`;
  return section(
    `${titleOf(net)}: steps by batch`,
    cells,
    header,
    `${sizes(network)}. Growth: ratio of the times over ratio of the batches, both to the row above; 1 or less is proportional or better. MiB: GPU memory of a training ` +
      "step, parameters and their momentum included; over bound: over the largest sum of values that are live at once.",
    told(conditions, passes),
  );
}

const sizes = ({ width, size, classes }: Steps["network"]): string =>
  `${width === 1 ? "Full width" : `Width ${figure(width)} of the paper's`}, ${size} pixels, ${classes} classes`;

function widthParts(net: string, { rows, conditions, network }: Steps): string[] {
  const cells = rows.map((row): Cell[] =>
    isMeasured(row)
      ? [
          figure(row.width),
          figure(row.training.gflop),
          spread(row.train),
          figure(row.training.gflop / (row.train.median / 1000)),
          spread(row.infer),
          figure(row.inference.gflop / (row.infer.median / 1000)),
        ]
      : [figure(row.width), "-", "-", "-", "-", row.skipped],
  );
  const header = ["width", "GFLOP per step", "training step", "GFLOPS", "inference", "GFLOPS"];
  return section(
    `${titleOf(net)}: growth with width, batch ${rows[0].batch}`,
    cells,
    header,
    `${network.size} pixels, ${network.classes} classes.`,
    told(conditions),
  );
}

/** Problems that are shown on the page; the file has all. */
const SHOWN = 20;

function kernelParts(net: string, { batch, problems, convolutions, conditions, network }: Kernels): string[] {
  const times = (problem: Kernels["problems"][number]): number => problem.time.median * problem.layers.length;
  const whole = problems.filter(({ graph }) => graph === "training").reduce((sum, problem) => sum + times(problem), 0);
  const slowest = problems.filter(({ graph }) => graph === "training").toSorted((a, b) => times(b) - times(a));
  const rows = slowest.slice(0, SHOWN).map((problem) => {
    const { layers, stage, op, kernels, gflops, gigabytesPerSecond, roof } = problem;
    const name = layers.length === 1 ? layers[0] : `${layers[0]} and ${layers.length - 1} more`;
    return [
      name,
      `${op}, ${stage}`,
      kernels.map((kernel) => kernel.split(" ")[0]).join(" + "),
      figure(times(problem)),
      percent(times(problem) / whole),
      figure(gflops),
      figure(gigabytesPerSecond),
      percent(roof),
    ];
  });
  const checks = new Map<keyof typeof CHECKS, number>();
  for (const { checked } of problems) checks.set(checked.by, (checks.get(checked.by) ?? 0) + 1);
  const worst = Math.max(...problems.map(({ checked }) => checked.ratio));
  return [
    ...section(
      `${titleOf(net)}: convolutions of a training step, batch ${batch}`,
      convolutions.map(({ filter, stage, layers, time, gflops, gigabytesPerSecond, shareOfPeak }) => [
        filter,
        stage,
        layers,
        spread(time),
        figure(gflops),
        figure(gigabytesPerSecond),
        percent(shareOfPeak),
      ]),
      ["filter", "pass", "layers", "ms", "GFLOPS", "GB/s", "of peak"],
    ),
    ...section(
      `${titleOf(net)}: time of a training step by problem`,
      rows,
      ["layer", "what", "kernel", "ms", "of step", "GFLOPS", "GB/s", "of roof"],
      `The ${rows.length} most costly of ${problems.length} distinct problems; of roof: the shortest time that the measured multiply-add peak and copy bandwidth allow, ` +
        "over the time taken (above 100 % if tensors stay in caches, which are faster than memory). Launches were timed one by one, by the adapter's clock. " +
        `Checked against float64 before that: ${[...checks].map(([by, n]) => `${n} ${CHECKS[by]}`).join(", ")}; the worst output is at ${figure(worst)} of its bound.`,
      `${sizes(network)}. ${told(conditions)}`,
    ),
  ];
}

function coldParts(cold: Readonly<Record<string, Cold>>): string[] {
  const rows = Object.entries(cold).flatMap(([net, { batch, starts }]) =>
    (["empty", "warm"] as const).flatMap((driverCache) => {
      const these = starts.filter((start) => start.driverCache === driverCache);
      if (these.length === 0) return [];
      const phase = (name: keyof Cold["starts"][number]["phases"]): string => figure(median(these.map(({ phases }) => phases[name])));
      const first = figure(median(these.map(({ firstStepMs }) => firstStepMs)));
      const wall = figure(median(these.map(({ wallMs }) => wallMs)));
      return [
        [
          titleOf(net),
          batch,
          driverCache,
          first,
          phase("planMs"),
          phase("compileMs"),
          phase("prepareMs"),
          phase("fillMs"),
          phase("runMs"),
          phase("loadMs"),
          phase("deviceMs"),
          wall,
        ],
      ];
    }),
  );
  const header = [
    "network",
    "batch",
    "driver cache",
    "first step",
    "plan",
    "compile",
    "prepare",
    "fill",
    "run",
    "load Node",
    "open device",
    "process",
  ];
  const conditions = Object.entries(cold).map(([net, entry]) => `${titleOf(net)}: ${told(entry.conditions)}`);
  return section(
    "First training step of a fresh process",
    rows,
    header,
    "First step: from opening the session to the end of the step, and its parts: plan, compile, buffers and bind groups, initial values of the parameters " +
      "(with the pipelines that draw them), the step itself. Drivers that generate code at a pipeline's first launch do so in the last two.",
    ...conditions,
  );
}

function inputParts({ rows, cases, files, megabytes, images, batch, stored, crop, openMs, conditions }: Input): string[] {
  return section(
    "Input: DICOM files to batches on the GPU",
    rows.map(({ from, time, batchesPerSecond, imagesPerSecond }) => [
      from,
      spread(time),
      figure(batchesPerSecond),
      figure(imagesPerSecond),
    ]),
    ["pictures from", "per batch", "batches/s", "images/s"],
    `Batches of ${batch} images of ${stored} pixels per side: filled, uploaded, and on the GPU cropped to ${crop} at random positions, mirrored at random, and the mean subtracted. From files: ` +
      `every image is read, decoded, windowed and resized again; from memory: as in training, where the next batch is prepared while the GPU computes. Reading the ${files} files ` +
      `(${figure(megabytes)} MB, ${cases} synthetic patients, ${images} training images) once took ${seconds(openMs)} s.`,
    told(conditions),
  );
}

function ablationParts(net: string, { rows, batch, conditions, network }: Ablation): string[] {
  return section(
    `${titleOf(net)}: effect of each pass and family, batch ${batch}`,
    rows.map(({ name, launches, peakBytes, time, ratio, lossDifference, weightDifference }) => [
      name,
      launches,
      mebibytes(peakBytes),
      spread(time),
      figure(ratio),
      lossDifference.toExponential(0),
      weightDifference.toExponential(0),
    ]),
    ["training step", "launches", "MiB", "ms", "time over everything on", "loss differs by", "weights differ by"],
    `${sizes(network)}. A ratio above 1 is the gain of the part that was turned off. ${noiseOf(rows)} Differences are relative, after a few steps on the same batches.`,
    told(conditions),
  );
}

/** The control's noise; older results have no control. */
function noiseOf(rows: Ablation["rows"]): string {
  const control = rows.find(({ name }) => name === CONTROL);
  if (!control) return "No control was measured, so the noise of the ratios is not known.";
  return `The row "${CONTROL}" is the first step measured a second time: its ratio, ${figure(control.ratio)}, would be 1 without noise, and every other row has at least that much noise.`;
}

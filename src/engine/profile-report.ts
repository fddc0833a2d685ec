// A profile for people and programs: a table, JSON, and the trace that Perfetto, speedscope and chrome://tracing open.
import { formatShape } from "../tensor/shape.ts";
import { median, rowsBy, shortest, STAGES, wholeStep, type Grouping, type Profile, type ProfileRow, type TimedLaunch } from "./profiler.ts";

export interface TableOptions {
  /** Default "layer". */
  readonly by?: Grouping;
  /** Slowest first, or as the step runs. Default "time". */
  readonly sort?: "time" | "order";
}

/** Rows of milliseconds, share of the step, GFLOP/s, GB/s and share of the measured roof; the whole step last. */
export function profileTable(profile: Profile, { by = "layer", sort = "time" }: TableOptions = {}): string {
  const rows = rowsBy(profile, by);
  if (sort === "time") rows.sort((a, b) => b.milliseconds - a.milliseconds);
  const cells = [[by, "launches", "ms", "%", "GFLOP/s", "GB/s", "% of roof"], ...[...rows, wholeStep(profile)].map(cellsOf)];
  const widths = cells[0].map((_, column) => Math.max(...cells.map((line) => line[column].length)));
  const lines = cells.map((line) => line.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join("  "));
  const { gflops, gigabytesPerSecond } = profile.roofline;
  return [
    ...lines,
    `${profile.adapter}, median of ${profile.repeats} steps; measured roofs: ${rounded(gflops)} GFLOP/s, ${rounded(gigabytesPerSecond)} GB/s`,
  ].join("\n");
}

const cellsOf = ({ name, launches, milliseconds, share, gflops, gigabytesPerSecond, roof }: ProfileRow): string[] => [
  name,
  String(launches),
  milliseconds.toFixed(3),
  (100 * share).toFixed(1),
  rounded(gflops),
  rounded(gigabytesPerSecond),
  (100 * roof).toFixed(0),
];

/** Three digits where there are fewer before the point. */
const rounded = (value: number): string => value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0);

/** Everything measured, all times included; plain JSON. */
export function profileJson(profile: Profile): object {
  const { adapter, roofline, repeats, launches } = profile;
  return {
    adapter,
    roofline,
    repeats,
    step: wholeStep(profile),
    layers: rowsBy(profile, "layer"),
    kernels: rowsBy(profile, "kernel"),
    launches: launches.map(({ planned: { node, family, shader, launch }, layer, stage, times }) => ({
      label: node.label,
      op: node.op.name,
      layer,
      stage,
      family,
      kernel: shader.name,
      workgroups: launch.workgroups,
      flops: launch.flops,
      bytes: launch.bytes,
      milliseconds: median(times),
      times,
    })),
  };
}

/**
 * One step in Chrome's trace format (timestamps in microseconds): a process for the adapter, a thread for each stage, a slice for each launch with
 * its median time. Launches stand end to end: gaps between them are not shown.
 */
export function profileTrace({ adapter, roofline, launches }: Profile): object {
  const name = (what: string, tid: number, value: string): object => ({ ph: "M", name: what, pid: 1, tid, args: { name: value } });
  let ts = 0;
  const slices = launches.map((timed) => {
    const dur = 1000 * median(timed.times);
    const slice = { ph: "X", name: timed.planned.node.label, cat: timed.planned.node.op.name, pid: 1, ts, dur };
    ts += dur;
    return { ...slice, tid: 1 + STAGES.indexOf(timed.stage), args: traceArguments(timed, dur, shortest(timed, roofline)) };
  });
  return {
    displayTimeUnit: "ms",
    otherData: { adapter, ...roofline },
    traceEvents: [name("process_name", 0, adapter), ...STAGES.map((stage, i) => name("thread_name", 1 + i, stage)), ...slices],
  };
}

function traceArguments({ planned: { node, family, shader, launch }, layer }: TimedLaunch, dur: number, shortestMs: number): object {
  const shapes = { ...node.inputs, ...node.outputs };
  return {
    layer,
    kernel: shader.name,
    family,
    shapes: Object.entries(shapes).map(([port, { shape }]) => `${port} ${formatShape(shape)}`),
    gflops: launch.flops / dur / 1000,
    gigabytesPerSecond: launch.bytes / dur / 1000,
    shareOfRoof: (1000 * shortestMs) / dur,
  };
}

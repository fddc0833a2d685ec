// A profile for people and programs: a table, JSON, and the trace that Perfetto, speedscope and chrome://tracing open.
import { formatShape } from "../tensor/shape.ts";
import { groupsOf, median, rowOf, rowsBy, shortest, spreadOf, wholeStep } from "./profiler.ts";
import type { Grouping, Profile, ProfileRow, TimedLaunch } from "./profiler.ts";
import { STAGES } from "./stages.ts";

export interface TableOptions {
  /** Default "layer". */
  readonly by?: Grouping;
  /** Slowest first, or as the step runs. Default "time". */
  readonly sort?: "time" | "order";
  /** Rows before the rest is summed up in one. Default: all. */
  readonly top?: number;
}

const NUMBERS = ["us", "+-", "%", "GFLOP/s", "GB/s", "% of roof"];

/**
 * Rows of microseconds (median, and half the interquartile range), share of the step, GFLOP/s, GB/s and share of the measured roof; the
 * whole step last.
 */
export function profileTable(profile: Profile, { by = "layer", sort = "time", top = Infinity }: TableOptions = {}): string {
  const rows = groupsOf(profile, by).map((group, i) => ({ group, row: rowOf(profile, group), words: wordsOf(group, i, by) }));
  if (sort === "time") rows.sort((a, b) => b.row.milliseconds - a.row.milliseconds);
  const rest = rows.slice(top).flatMap(({ group }) => group.members);
  const more = rest.length > 0 ? [rowOf(profile, { name: `${rows.length - top} more`, members: rest })] : [];
  const header = by === "launch" ? ["#", "layer", "stage", "family", "kernel"] : [by, "launches"];
  const summed = [...more, wholeStep(profile)].map((row) => [...summary(row, header.length), ...numbersOf(row)]);
  const cells = [[...header, ...NUMBERS], ...rows.slice(0, top).map(({ words, row }) => [...words, ...numbersOf(row)]), ...summed];
  const { gflops, gigabytesPerSecond } = profile.roofline;
  return [
    ...align(cells, by === "launch" ? header.length : 1),
    `${profile.adapter}, median of ${profile.repeats} steps; measured roofs: ${rounded(gflops)} GFLOP/s, ${rounded(gigabytesPerSecond)} GB/s`,
  ].join("\n");
}

const wordsOf = ({ name, members }: { name: string; members: readonly TimedLaunch[] }, i: number, by: Grouping): string[] => {
  if (by !== "launch") return [name, String(members.length)];
  const [{ layer, stage, planned }] = members;
  return [String(i), layer, stage, planned.family, planned.shader.name];
};

const summary = ({ name, launches }: ProfileRow, columns: number): string[] => [
  name,
  columns === 2 ? String(launches) : `${launches} launches`,
  ...Array.from({ length: columns - 2 }, () => ""),
];

const numbersOf = ({ milliseconds, spread, share, gflops, gigabytesPerSecond, roof }: ProfileRow): string[] => [
  rounded(1000 * milliseconds),
  rounded(1000 * spread),
  (100 * share).toFixed(1),
  rounded(gflops),
  rounded(gigabytesPerSecond),
  (100 * roof).toFixed(0),
];

/** Lines of columns two spaces apart: words to the left, numbers to the right. */
function align(cells: readonly (readonly string[])[], words: number): string[] {
  const widths = cells[0].map((_, column) => Math.max(...cells.map((line) => line[column].length)));
  return cells.map((line) => line.map((cell, i) => (i < words ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join("  "));
}

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
    stages: rowsBy(profile, "stage"),
    blocks: rowsBy(profile, "block"),
    layers: rowsBy(profile, "layer"),
    kernels: rowsBy(profile, "kernel"),
    launches: launches.map(({ planned: { node, family, tuning, shader, launch }, layer, stage, times }) => ({
      label: node.label,
      op: node.op.name,
      layer,
      stage,
      family,
      tuning: tuning ?? null,
      kernel: shader.name,
      workgroups: launch.workgroups,
      flops: launch.flops,
      bytes: launch.bytes,
      milliseconds: median(times),
      spread: spreadOf(times),
      times,
    })),
  };
}

/** A launch of a step whose launches stand end to end, each as long as its median: gaps between them are not shown. Microseconds. */
interface Slice {
  readonly timed: TimedLaunch;
  readonly start: number;
  readonly duration: number;
  readonly facts: SliceFacts;
}

interface SliceFacts {
  readonly layer: string;
  readonly op: string;
  readonly kernel: string;
  readonly family: string;
  readonly shapes: readonly string[];
  readonly gflops: number;
  readonly gigabytesPerSecond: number;
  readonly shareOfRoof: number;
}

function slicesOf({ launches, roofline }: Profile): Slice[] {
  let start = 0;
  return launches.map((timed) => {
    const duration = 1000 * median(timed.times);
    const slice = { timed, start, duration, facts: factsOf(timed, duration, shortest(timed, roofline)) };
    start += duration;
    return slice;
  });
}

function factsOf({ planned: { node, family, shader, launch }, layer }: TimedLaunch, duration: number, shortestMs: number): SliceFacts {
  const shapes = { ...node.inputs, ...node.outputs };
  return {
    layer,
    op: node.op.name,
    kernel: shader.name,
    family,
    shapes: Object.entries(shapes).map(([port, { shape }]) => `${port} ${formatShape(shape)}`),
    gflops: launch.flops / duration / 1000,
    gigabytesPerSecond: launch.bytes / duration / 1000,
    shareOfRoof: (1000 * shortestMs) / duration,
  };
}

/** One step in Chrome's trace format (timestamps in microseconds): a process for the adapter, a thread for each stage, a slice for each launch. */
export function profileTrace(profile: Profile): object {
  const { adapter, roofline, launches } = profile;
  const name = (what: string, tid: number, value: string): object => ({ ph: "M", name: what, pid: 1, tid, args: { name: value } });
  const present = STAGES.filter((stage) => launches.some((timed) => timed.stage === stage));
  const threadOf = (stage: string): number => 1 + STAGES.findIndex((known) => known === stage);
  return {
    displayTimeUnit: "ms",
    otherData: { adapter, ...roofline },
    traceEvents: [
      name("process_name", 0, adapter),
      ...present.map((stage) => name("thread_name", threadOf(stage), stage)),
      ...slicesOf(profile).map(({ timed: { planned, stage }, start, duration, facts }) => ({
        ph: "X",
        name: planned.node.label,
        cat: planned.node.op.name,
        pid: 1,
        tid: threadOf(stage),
        ts: start,
        dur: duration,
        args: facts,
      })),
    ],
  };
}

/** Colours of Chrome's palette, by stage. */
const COLOURS = ["primary", "secondary", "tertiary", "tertiary-dark", "primary-dark"];

/** An entry of `performance.measure`. Milliseconds. */
export interface PanelEntry {
  readonly name: string;
  readonly start: number;
  readonly end: number;
  readonly detail: { readonly devtools: object };
}

/**
 * One step as entries for a browser's performance panel, which ends at `end`: in a group of tracks of our name, a track for each stage. Chrome's
 * extensibility API, developer.chrome.com/docs/devtools/performance/extension; other browsers show plain measures.
 */
export function panelEntries(profile: Profile, end: number): PanelEntry[] {
  const slices = slicesOf(profile);
  const total = slices.reduce((sum, { duration }) => sum + duration, 0);
  return slices.map(({ timed: { planned, stage }, start, duration, facts }) => ({
    name: planned.node.label,
    start: end + (start - total) / 1000,
    end: end + (start + duration - total) / 1000,
    detail: {
      devtools: {
        dataType: "track-entry",
        trackGroup: "Striatum",
        track: stage,
        color: COLOURS[STAGES.indexOf(stage)],
        tooltipText: `${planned.node.label}: ${facts.kernel}`,
        properties: [
          ["op", facts.op],
          ["kernel", facts.kernel],
          ["family", facts.family],
          ...facts.shapes.map((shape) => shape.split(/ (.*)/).slice(0, 2)),
          ["GFLOP/s", rounded(facts.gflops)],
          ["GB/s", rounded(facts.gigabytesPerSecond)],
          ["% of roof", (100 * facts.shareOfRoof).toFixed(0)],
        ],
      },
    },
  }));
}

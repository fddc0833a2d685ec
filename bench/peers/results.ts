// The results of a run, as a text table and as the value that is saved beside the adapter's other results.
import { table } from "../../src/cli/output.ts";
import { median } from "../../src/engine/profiler.ts";
import type { Description } from "./runtime.ts";
import type { Comparison } from "./compare.ts";

export interface NetworkResult {
  readonly net: string;
  readonly comparisons: readonly Comparison[];
  /** The engines and their adapters; `ours` among them. */
  readonly runtimes: Readonly<Record<string, Description>>;
  /** The adapter's peak again, after the run. */
  readonly peakAfter?: NonNullable<Description["peak"]>;
  /** The share of all processors that other processes than the driver and the engines used during the rounds. */
  readonly takenByOthers: number;
}

export interface Run {
  /** "2026-11-24 13:05Z" */
  readonly date: string;
  readonly commit: string;
  readonly command: string;
  readonly batch: number;
  readonly system: string;
  readonly processor: { readonly model: string; readonly cores: number };
  readonly networks: readonly NetworkResult[];
}

/** One line of the table. Ratios are within a round, theirs over ours: above 1 if ours is faster. */
export interface Row {
  readonly net: string;
  readonly what: string;
  readonly peer: string;
  readonly oursMs: number;
  readonly peerMs: number;
  readonly ratio: number;
  readonly lowestRatio: number;
  readonly highestRatio: number;
}

/** Null for a comparison without rounds. */
export function rowOf(net: string, { what, peer, rounds }: Pick<Comparison, "what" | "peer" | "rounds">): Row | null {
  if (rounds.length === 0) return null;
  const ratios = rounds.map(({ oursMs, peerMs }) => peerMs / oursMs);
  return {
    net,
    what,
    peer,
    oursMs: median(rounds.map(({ oursMs }) => oursMs)),
    peerMs: median(rounds.map(({ peerMs }) => peerMs)),
    ratio: median(ratios),
    lowestRatio: Math.min(...ratios),
    highestRatio: Math.max(...ratios),
  };
}

const HEADER = [
  "network",
  "what",
  "peer",
  "ours ms",
  "peer ms",
  "peer / ours",
  "lowest",
  "highest",
  "first call, ours s",
  "peer s",
  "differs by",
];

/** One line per comparison; one that was not timed has its reason. */
export function ratioTable(networks: readonly NetworkResult[]): string {
  const lines = networks.flatMap(({ net, comparisons }) =>
    comparisons.map((comparison) => {
      const row = rowOf(net, comparison);
      const seconds = (ms: number | undefined): string => (ms === undefined ? "-" : (ms / 1000).toFixed(1));
      const timed = row
        ? [ms(row.oursMs), ms(row.peerMs), ratio(row.ratio), ratio(row.lowestRatio), ratio(row.highestRatio)]
        : ["-", "-", comparison.verdict, "-", "-"];
      return [
        net,
        comparison.what,
        comparison.peer,
        ...timed,
        seconds(comparison.first?.oursMs),
        seconds(comparison.first?.peerMs),
        Number.isFinite(comparison.difference) ? comparison.difference.toExponential(1) : "everything",
      ];
    }),
  );
  return table(lines, HEADER);
}

const ms = (value: number): string => (value < 100 ? value.toFixed(1) : value.toFixed(0));
const ratio = (value: number): string => (value < 10 ? value.toFixed(2) : value.toFixed(1));

/** A file of results with `run` as its `peers`; its other entries stay. Throws if it is not an object. */
export function withPeers(text: string | null, run: Run): string {
  const held: unknown = text === null ? {} : JSON.parse(text);
  if (typeof held !== "object" || held === null || Array.isArray(held)) throw new Error("the results file is not a JSON object");
  return `${JSON.stringify({ ...held, peers: run }, rounded, 2)}\n`;
}

/** Times to a microsecond, ratios to six digits: more is noise. */
const rounded = (_key: string, value: unknown): unknown => (typeof value === "number" ? Number(value.toPrecision(6)) : value);

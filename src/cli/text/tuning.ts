// Tuning results as text: the reason for a problem's choice, and the changes of a table. Times are microseconds.
import { nameOf, type TuningEntry, type TuningTable } from "../../engine/tuning-table.ts";
import { paint, table } from "../output.ts";

/** One problem: all candidates, fastest first, with their speeds; then the reason for the choice. */
export function explain(key: string, entry: TuningEntry): string {
  const winner = nameOf(entry);
  const rule = entry.rule && nameOf(entry.rule);
  const ran = Object.entries(entry.tried).filter((way): way is [string, number] => typeof way[1] === "number");
  const rows = ran
    .toSorted(([, a], [, b]) => a - b)
    .map(([name, us]) => {
      // All candidates do the same work, so speeds are inverse to times.
      const ratio = entry.microseconds / us;
      const roof = entry.roof === null ? "" : (100 * entry.roof * ratio).toFixed(0);
      const role = [name === winner ? "chosen" : "", name === rule ? "default" : ""].filter((word) => word !== "").join(", ");
      return [name, us.toPrecision(4), (entry.gflops * ratio).toPrecision(3), roof, (us / entry.microseconds).toFixed(2), role];
    });
  const others = Object.entries(entry.tried).filter((way): way is [string, string] => typeof way[1] === "string");
  return [
    paint("bold", key, process.stdout),
    table(rows, ["kernel", "us", "GFLOP/s", "% of roof", "x time", ""]),
    ...others.map(([name, reason]) => `${name}: ${reason}`),
    because(entry),
  ].join("\n");
}

/** The reason for the choice. */
export function because(entry: TuningEntry): string {
  const { rule, runnerUp, roof, microseconds } = entry;
  const name = nameOf(entry);
  const near =
    roof !== null && roof >= 0.9 ? `; it reaches ${(100 * roof).toFixed(0)} % of the roof, so no further candidate was tried` : "";
  if (!rule) return `${name} is chosen: the default fails or computes wrongly here${near}`;
  if (nameOf(rule) === name) {
    if (!runnerUp) return `${name} is kept: no other candidate was timed${near}`;
    const gain = 1 - runnerUp.microseconds / microseconds;
    return gain > 0
      ? `${name}, the default, is kept: ${nameOf(runnerUp)} is faster by ${(100 * gain).toFixed(1)} %, and less than 5 % may be noise${near}`
      : `${name}, the default, is kept: no candidate is faster${near}`;
  }
  const ahead =
    runnerUp && nameOf(runnerUp) !== nameOf(rule)
      ? `, ${(100 * (1 - microseconds / runnerUp.microseconds)).toFixed(1)} % less time than ${nameOf(runnerUp)}`
      : "";
  return `${name} is chosen: ${(rule.microseconds / microseconds).toFixed(2)} times as fast as the default (${nameOf(rule)})${ahead}${near}`;
}

/** Problems for which a table differs from the defaults, the largest gain first; then their number and total gain. */
export function formatTuning({ problems }: TuningTable, wanted: number): string {
  const entries = Object.entries(problems);
  const changed = entries
    .flatMap(([key, entry]) => (entry.rule && nameOf(entry.rule) === nameOf(entry) ? [] : [{ key, entry }]))
    .map(({ key, entry }) => ({ key, entry, gain: (entry.rule?.microseconds ?? Infinity) - entry.microseconds }))
    .toSorted((a, b) => b.gain - a.gain);
  const rows = changed.map(({ key, entry: { layer, rule, microseconds, gflops, roof, ...way } }) => [
    layer,
    key.split(" ")[0],
    nameOf(way),
    microseconds.toPrecision(4),
    gflops.toPrecision(3),
    roof === null ? "" : (100 * roof).toFixed(0),
    rule ? (rule.microseconds / microseconds).toFixed(2) : "",
  ]);
  const sum = (of: (entry: TuningEntry) => number): string =>
    (entries.reduce((total, [, entry]) => total + of(entry), 0) / 1000).toFixed(1);
  const told =
    `${entries.length} of ${wanted} problems measured, ${changed.length} of them improved over the defaults: ` +
    `one launch of each takes ${sum(({ microseconds }) => microseconds)} ms, with the defaults ${sum(({ rule, microseconds }) => rule?.microseconds ?? microseconds)} ms`;
  return [...(rows.length > 0 ? [table(rows, ["layer", "op", "kernel", "us", "GFLOP/s", "% of roof", "x faster"])] : []), told].join("\n");
}

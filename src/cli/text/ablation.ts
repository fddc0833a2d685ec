// An ablation as text: one line per configuration, compared with everything on.
import { CONTROL, type Ablation } from "../../train/ablation.ts";
import { table } from "../output.ts";

const HEADER = ["configuration", "ms", "+-", "x time", "launches", "peak MiB", "loss differs", "weights differ", "momentum differs"];

/** Everything on, then what is off; below it what the numbers mean. */
export function formatAblation({ adapter, steps, rounds, rows }: Ablation): string {
  const lines = rows.map(({ name, milliseconds, spread, ratio, launches, peakBytes, lossDifference, weights, momentum }, i) => [
    name,
    milliseconds.toFixed(1),
    spread.toFixed(1),
    ratio.toFixed(2),
    String(launches),
    (peakBytes / 2 ** 20).toFixed(1),
    ...(i === 0 ? [] : [lossDifference, weights.relative, momentum.relative].map(relative)),
  ]);
  return [
    table(lines, HEADER),
    `${adapter}, median of ${rounds} rounds of one step per configuration; x time is the median of the ratios within a round`,
    `"${CONTROL}" repeats the first configuration: the distance of its x time from 1 is noise, which every other row has, too`,
    `largest relative differences to everything on: of the loss over ${steps} steps, and of a tensor after them (relative to its largest value)`,
  ].join("\n");
}

const relative = (difference: number): string => (difference === 0 ? "0" : difference.toExponential(1));

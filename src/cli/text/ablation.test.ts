// The table of an ablation of made-up times.
import { expect, test } from "vitest";
import type { AblationRow } from "../../train/ablation.ts";
import { formatAblation } from "./ablation.ts";

const row = (name: string, milliseconds: number, differences: readonly [number, number, number]): AblationRow => ({
  name,
  passes: [],
  families: [],
  launches: 60,
  peakBytes: 3 * 2 ** 20,
  times: [],
  milliseconds,
  spread: milliseconds / 16,
  ratio: milliseconds / 100,
  losses: [],
  lossDifference: differences[0],
  weights: { relative: differences[1], of: "conv1/bias" },
  momentum: { relative: differences[2], of: "momentum/conv1/bias" },
});

test("everything on, then what is off, how much longer it takes and how far its numbers are", () => {
  const rows = [
    row("everything on", 100, [0, 0, 0]),
    row("without relu-epilogue", 123, [0, 1.25e-6, 4e-5]),
    row("without vector kernels", 99, [3e-8, 2e-6, Infinity]),
  ];
  expect(formatAblation({ adapter: "made up", steps: 5, rounds: 10, rows })).toMatchInlineSnapshot(`
    "configuration              ms   +-  x time  launches  peak MiB  loss differs  weights differ  momentum differs
    everything on           100.0  6.3    1.00        60       3.0
    without relu-epilogue   123.0  7.7    1.23        60       3.0  0             1.3e-6          4.0e-5
    without vector kernels   99.0  6.2    0.99        60       3.0  3.0e-8        2.0e-6          Infinity
    made up, median of 10 rounds of one step per configuration; x time is the median of the ratios within a round
    "everything on, again" repeats the first configuration: the distance of its x time from 1 is noise, which every other row has, too
    largest relative differences to everything on: of the loss over 5 steps, and of a tensor after them (relative to its largest value)"
  `);
});

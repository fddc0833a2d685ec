// Numbers with units, at the edges of each.
import { expect, test } from "vitest";
import { bytesText, flopsText, timeText } from "./format.ts";

test("three digits and the unit that suits", () => {
  expect([0, 1023, 1024, 1536, 10 * 2 ** 20, 300 * 2 ** 20].map(bytesText)).toEqual([
    "0 bytes",
    "1023 bytes",
    "1.00 KiB",
    "1.50 KiB",
    "10.0 MiB",
    "300 MiB",
  ]);
  expect([999, 1000, 2.5e8, 3.2e9].map(flopsText)).toEqual(["999 flop", "1.00 kflop", "250 Mflop", "3.20 Gflop"]);
  expect([0.0123, 0.9, 1, 42.25, 3200].map(timeText)).toEqual(["12.3 µs", "900 µs", "1.00 ms", "42.3 ms", "3.20 s"]);
});

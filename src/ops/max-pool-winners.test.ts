// What winners say and refuse; that they lead to maxPoolBackward's gradient, the pass tests.
import { expect, test } from "vitest";
import type { TensorType } from "../graph/op.ts";
import { maxPoolBackwardWinners, maxPoolWinners } from "./max-pool-winners.ts";

const f32 = (...shape: number[]): TensorType => ({ shape, dtype: "f32" });
const u32 = (...shape: number[]): TensorType => ({ shape, dtype: "u32" });

const window = { size: 3, stride: 2, pad: 0 };

test("winners are packed of four channels, of windows that a byte can number, with one byte to spare", () => {
  expect(maxPoolWinners.infer({ x: f32(1, 20, 20, 8) }, { ...window, size: 15 }, "pool").winners).toEqual(u32(1, 4, 4, 2));
  expect(() => maxPoolWinners.infer({ x: f32(1, 20, 20, 8) }, { ...window, size: 16 }, "pool")).toThrow(
    'maxPoolWinners "pool": winners are packed as bytes of four channels, of windows up to 15: got 8 channels, size 16',
  );
  expect(() => maxPoolWinners.infer({ x: f32(1, 7, 7, 6) }, window, "pool")).toThrow("got 6 channels, size 3");
});

test("a clipped window numbers its taps by the whole window, and one without a positive maximum has no winner", () => {
  const x = { shape: [1, 2, 2, 4], data: Float64Array.from({ length: 16 }, (_, i) => (i % 4 === 3 ? -1 : i)) };
  const { y, winners } = maxPoolWinners.reference({ x }, { ...window, positive: true }, { y: f32(1, 1, 1, 4), winners: u32(1, 1, 1, 1) });
  expect([...y]).toEqual([12, 13, 14, -1]);
  expect(winners[0]).toBe(0xff040404);
  const { dx } = maxPoolBackwardWinners.reference(
    { winners: { shape: [1, 1, 1, 1], data: winners }, dy: { shape: [1, 1, 1, 4], data: Float64Array.of(1, 2, 3, 4) } },
    { ...window, height: 2, width: 2 },
    { dx: f32(1, 2, 2, 4) },
  );
  expect([...dx]).toEqual([...new Float64Array(12), 1, 2, 3, 0]);
});

// Streaks as scanners make them, on a disc of one value without noise.
import { expect, test } from "vitest";
import { scannerOf } from "./case.ts";
import { makeCohort } from "./cohort.ts";
import { drawArtifacts, makeScan } from "./physics.ts";
import { stream } from "./random.ts";

const [spec] = makeCohort({ cases: 6, seed: 1, kind: "quick" });
const scanner = { ...scannerOf(spec), noiseHu: 0, cuppingHu: 0, barHu: 0, headrestMm: null, sharp: false };
const { matrix, pixelMm } = scanner;
const half = (matrix - 1) / 2;

function disc(): Float32Array {
  const inDisc = (i: number): boolean => Math.hypot((i % matrix) - half, Math.floor(i / matrix) - half) * pixelMm < 90;
  return Float32Array.from({ length: matrix * matrix }, (_, i) => (inDisc(i) ? 30 : -1000));
}

const signChanges = (values: readonly number[]): number => values.filter((value, i) => i > 0 && value * values[i - 1] < 0).length;

test("streaks alternate around the dense bone they come from, keep their sign along a ray, and stay out of the air", () => {
  let seen = 0;
  for (let seed = 0; seed < 12; seed++) {
    const drawn = drawArtifacts(stream("streaks", seed, "test"), { streaks: "strong", motion: false });
    const [fan] = drawn.streaks;
    const image = disc();
    makeScan(scanner, { ...drawn, streaks: [fan] })(image, 5, stream("streaks", seed, "noise"));
    const [x, y] = fan.fromMm;
    const at = (alongMm: number, tangent: number): number => {
      const column = Math.round(half + (x + alongMm * (fan.cos - tangent * fan.sin)) / pixelMm);
      const row = Math.round(half + (y + alongMm * (fan.sin + tangent * fan.cos)) / pixelMm);
      return image[row * matrix + column] - 30;
    };
    const arc = Array.from({ length: 81 }, (_, i) => at(60, (fan.spread * (i - 40)) / 41));
    expect(signChanges(arc), `seed ${seed}`).toBeGreaterThan(2);
    const strongest = arc.reduce((best, value, i) => (Math.abs(value) > Math.abs(arc[best]) ? i : best), 0);
    const tangent = (fan.spread * (strongest - 40)) / 41;
    expect(signChanges([35, 45, 55, 65, 75].map((alongMm) => at(alongMm, tangent))), `seed ${seed}`).toBe(0);
    expect(Math.abs(arc[strongest])).toBeGreaterThan(1);
    expect(image[0]).toBeCloseTo(-1000, 2);
    seen++;
  }
  expect(seen).toBe(12);
});

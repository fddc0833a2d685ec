import { expect, test } from "vitest";
import type { Array64 } from "../graph/op.ts";
import { conv2d, conv2dBackwardData } from "../ops/conv2d.ts";
import { philox, unitFloat } from "../tensor/philox.ts";
import { sizeOf, type Shape } from "../tensor/shape.ts";
import { boundOf } from "./launch-tolerance.ts";
import { ALGORITHMS, throughTiles, turned, type Algorithm } from "./winograd-tolerance.ts";

const random = (shape: Shape, stream: number): Array64 => ({
  shape,
  data: Float64Array.from({ length: sizeOf(shape) }, (_, i) => 2 * unitFloat(philox([stream, 0], [i, 0, 0, 0])[0]) - 1),
});
const f32 = (shape: Shape) => ({ shape, dtype: "f32" as const });

const farthest = (a: Float64Array, b: Float64Array): number => a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);

const algorithms = Object.values(ALGORITHMS).map((algorithm) => [`F(${algorithm.tile} x ${algorithm.tile}, 3 x 3)`, algorithm] as const);

test.each(algorithms)("%s is the convolution", (_, algorithm) => {
  for (const pad of [0, 1, 2]) {
    const [x, filter] = [random([2, 7, 5, 6], 1), random([2, 3, 3, 3, 4], 2)];
    const y: Shape = [2, 5 + 2 * pad, 3 + 2 * pad, 8];
    const exact = conv2d.reference({ x, filter }, { stride: 1, pad }, { y: f32(y) }).y;
    expect(farthest(throughTiles(algorithm, { x, filter, pad, y }), exact)).toBeLessThan(1e-13);
  }
});

test.each(algorithms)("%s with the filter turned is the gradient of the input", (_, algorithm) => {
  const [dy, filter] = [random([1, 6, 9, 4], 1), random([2, 3, 3, 5, 2], 2)];
  const attributes = { stride: 1, pad: 1, height: 6, width: 9 };
  const exact = conv2dBackwardData.reference({ dy, filter }, attributes, { dx: f32([1, 6, 9, 10]) }).dx;
  expect(farthest(throughTiles(algorithm, { x: dy, filter: turned(filter), pad: 1, y: [1, 6, 9, 10] }), exact)).toBeLessThan(1e-13);
});

/** The algorithm with one coefficient wrong by a hundredth, for every coefficient that is not 0. */
function spoilt(algorithm: Algorithm): [string, Algorithm][] {
  return (["bt", "g", "at"] as const).flatMap((name) =>
    algorithm[name].flatMap((row, i) =>
      row.flatMap((value, j): [string, Algorithm][] => {
        const matrix = algorithm[name].map((line) => [...line]);
        matrix[i][j] = value * 1.01;
        return value === 0 ? [] : [[`${name}[${i}][${j}]`, { ...algorithm, [name]: matrix }]];
      }),
    ),
  );
}

test.each(algorithms)("any coefficient of %s that is wrong by a hundredth is beyond the bound", (_, algorithm) => {
  const [x, filter] = [random([1, 8, 8, 96], 1), random([1, 3, 3, 96, 1], 2)];
  const outputs = { y: f32([1, 8, 8, 1]) };
  const attributes = { stride: 1, pad: 1 };
  const exact = conv2d.reference({ x, filter }, attributes, outputs) as Record<string, Float64Array>;
  const run = { op: conv2d, inputs: { x, filter }, attributes, outputs, exact };
  const allowed = boundOf("conv2d", [{ shader: "winograd-output.wgsl", slots: { tile: `lib/winograd-${algorithm.tile}.wgsl` } }])(run)["y"];
  for (const [coefficient, wrong] of spoilt(algorithm)) {
    const got = throughTiles(wrong, { x, filter, pad: 1, y: [1, 8, 8, 1] });
    const ratio = got.reduce((worst, value, i) => Math.max(worst, Math.abs(value - exact["y"][i]) / allowed[i]), 0);
    expect(ratio, coefficient).toBeGreaterThan(1);
  }
});

test("other launches keep the bound of the definition", () => {
  const [x, filter] = [random([1, 4, 4, 4], 1), random([1, 3, 3, 4, 4], 2)];
  const outputs = { y: f32([1, 4, 4, 4]) };
  const run = { op: conv2d, inputs: { x, filter }, attributes: { stride: 1, pad: 1 }, outputs, exact: { y: new Float64Array(64) } };
  const [direct, small, large] = [[], [2], [4]].map((tiles) => {
    const launches = tiles.map((tile) => ({ shader: "winograd-output.wgsl", slots: { tile: `lib/winograd-${tile}.wgsl` } }));
    return boundOf("conv2d", launches)(run)["y"];
  });
  expect(small.every((value, i) => value > direct[i])).toBe(true);
  expect(large.every((value, i) => value > small[i])).toBe(true);
});

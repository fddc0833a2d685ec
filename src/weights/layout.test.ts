// Conversions to the engine's order and back: by index, against permute, and as exact inverses.
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { sizeOf, type Shape } from "../tensor/shape.ts";
import { permute, tensor, type Tensor } from "../tensor/tensor.ts";
import { filterFromEngine, filterToEngine, innerProductFromEngine, innerProductToEngine } from "./layout.ts";

/** Every value its own index, so that a misplaced one shows. */
const numbered = (shape: Shape): Tensor =>
  tensor(
    shape,
    Float32Array.from({ length: sizeOf(shape) }, (_, i) => i + 1),
  );

const extent = (max: number) => fc.integer({ min: 1, max });

test("a grouped filter lands where the engine reads it", () => {
  const oihw = numbered([6, 2, 3, 5]);
  const engine = filterToEngine(oihw, 2);
  expect(engine.shape).toEqual([2, 3, 5, 2, 3]);
  const [group, tapH, tapW, channel, filter] = [1, 2, 4, 0, 1];
  expect(engine.data[(((group * 3 + tapH) * 5 + tapW) * 2 + channel) * 3 + filter]).toBe(
    oihw.data[(((group * 3 + filter) * 2 + channel) * 3 + tapH) * 5 + tapW],
  );
});

test("three input channels become four, the fourth zero", () => {
  const oihw = numbered([8, 3, 2, 2]);
  const { shape, data } = filterToEngine(oihw, 1, 4);
  expect(shape).toEqual([1, 2, 2, 4, 8]);
  const channels = [0, 1, 2, 3].map((channel) =>
    [0, 1, 2, 3].flatMap((tap) => [...data.subarray((tap * 4 + channel) * 8, (tap * 4 + channel + 1) * 8)]),
  );
  expect(channels[3].every((value) => value === 0)).toBe(true);
  expect(channels.slice(0, 3).every((values) => values.every((value) => value > 0))).toBe(true);
  expect(filterFromEngine({ shape, data }, 3)).toEqual(oihw);
});

test("an inner product's columns go from C, H, W to H, W, C", () => {
  const [out, c, h, w] = [5, 4, 3, 2];
  const weight = numbered([out, c * h * w]);
  const engine = innerProductToEngine(weight, [c, h, w]);
  expect(engine.shape).toEqual([c * h * w, out]);
  const byPermute = permute(tensor([out, c, h, w], weight.data), [2, 3, 1, 0]);
  expect(engine.data).toEqual(byPermute.data);
  expect(innerProductToEngine(weight).data).toEqual(permute(weight, [1, 0]).data);
});

test("filters return exactly, whatever their shape", () => {
  const shapes = fc.record({
    groups: extent(3),
    rows: extent(40),
    channels: extent(6),
    kernelH: extent(4),
    kernelW: extent(4),
    padding: fc.nat({ max: 3 }),
  });
  fc.assert(
    fc.property(shapes, ({ groups, rows, channels, kernelH, kernelW, padding }) => {
      const oihw = numbered([groups * rows, channels, kernelH, kernelW]);
      const engine = filterToEngine(oihw, groups, channels + padding);
      expect(filterFromEngine(engine, channels)).toEqual(oihw);
      if (padding === 0) {
        const split = tensor([groups, rows, channels, kernelH, kernelW], oihw.data);
        expect(engine).toEqual(permute(split, [0, 3, 4, 2, 1]));
        expect(filterFromEngine(engine)).toEqual(oihw);
      }
    }),
    { seed: 5, numRuns: 50 },
  );
});

test("inner products return exactly, whatever their shape", () => {
  fc.assert(
    fc.property(extent(40), extent(20), extent(3), extent(3), (out, c, h, w) => {
      const weight = numbered([out, c * h * w]);
      expect(innerProductFromEngine(innerProductToEngine(weight, [c, h, w]), [c, h, w])).toEqual(weight);
      expect(innerProductFromEngine(innerProductToEngine(weight))).toEqual(weight);
    }),
    { seed: 6, numRuns: 50 },
  );
});

test("shapes that do not fit are refused with both sides named", () => {
  expect(() => filterToEngine(numbered([5, 2, 3, 3]), 2)).toThrow(
    "filterToEngine: [5, 2, 3, 3] is not [out, in/group, kh, kw] for groups 2",
  );
  expect(() => filterToEngine(numbered([4, 3, 1, 1]), 1, 2)).toThrow("for groups 1 and 2 channels in each");
  expect(() => filterFromEngine(numbered([4, 3, 1, 1]))).toThrow(
    "filterFromEngine: [4, 3, 1, 1] is not [groups, kh, kw, in/group, out/group]",
  );
  expect(() => innerProductToEngine(numbered([2, 12]), [2, 2, 2])).toThrow(
    "innerProductToEngine: [2, 12] does not fit an input of [2, 2, 2] (channels, height, width)",
  );
  expect(() => innerProductFromEngine(numbered([12, 2]), [2, 2, 2])).toThrow("innerProductFromEngine: [12, 2] does not fit");
});

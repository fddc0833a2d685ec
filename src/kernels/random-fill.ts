// How random initial values are made. Device code: shaders/random-fill.wgsl. A Philox block makes four elements, so the textbook kernel is one
// of vectors.
import * as ops from "../ops/random-fill.ts";
import { BYTES_PER_ELEMENT, sizeOf } from "../tensor/shape.ts";
import { flat, kernel } from "./kernel.ts";
import { overElements } from "./slices.ts";

const WORKGROUP = 64;

export const randomFill = kernel(ops.randomFill, {
  textbook: ({ attributes: { distribution, scale, stream, shape, channels }, target }) => {
    const padding = channels === undefined ? { outputs: 1, stored: 1, channels: 1 } : { outputs: shape[4], stored: shape[3], channels };
    return {
      launches: overElements(sizeOf(shape), 4, ["y"], target, (first, count) => ({
        shader: "random-fill.wgsl",
        ...(distribution === "gaussian" && { slots: { draw: "lib/gaussian.wgsl" } }),
        params: { WORKGROUP },
        dims: { count, first, stream, scale, ...padding },
        workgroups: flat(count, WORKGROUP, target),
        flops: 4 * count,
        bytes: BYTES_PER_ELEMENT * 4 * count,
      })),
    };
  },
});

// How steps with a finite result are counted. Device code: shaders/count-finite.wgsl.
import * as ops from "../ops/count-finite.ts";
import { kernel } from "./kernel.ts";

export const countFinite = kernel(ops.countFinite, {
  textbook: () => ({ launches: [{ shader: "count-finite.wgsl", dims: { step: 1 }, workgroups: [1, 1, 1], flops: 1, bytes: 12 }] }),
});

// How steps with a finite result are counted. Device code: shaders/count-finite.wgsl.
import * as ops from "../ops/count-finite.ts";
import { kernel } from "./kernel.ts";
import { single } from "./loss-scale.ts";

export const countFinite = kernel(ops.countFinite, { textbook: () => single({ shader: "count-finite.wgsl", dims: { step: 1 } }) });

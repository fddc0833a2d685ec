// Parameters as a microscope shows them: where they lie on the device, and their values in Caffe's order.
import type { Parameter } from "../models/network.ts";
import { parameterOf } from "../train/parameters.ts";
import { denselyPlaced, type Placement } from "./tensors.ts";

/** A parameter in the engine's order, with a name for each axis. */
export function parameterPlacement({ order, value: { shape } }: Parameter): Placement {
  if (order.kind === "filter") return denselyPlaced(shape, ["group", "row", "column", "input", "output"]);
  if (order.kind === "bias") return denselyPlaced(shape, ["output"]);
  if (!order.flattened) return denselyPlaced(shape, ["input", "output"]);
  const [channels, height, width] = order.flattened;
  return denselyPlaced([height, width, channels, shape[1]], ["row", "column", "input", "output"]);
}

/** Below 2^24: both halves of a position are exact in float32. */
const HALF = 4096;

/** Position in the engine's order of each of a parameter's values in Caffe's order. */
export function caffePositions(parameter: Parameter, count: number): Float64Array {
  const moved = (half: (position: number) => number): Float32Array =>
    parameterOf(
      Float32Array.from({ length: count }, (_, position) => half(position)),
      parameter,
    ).data;
  const low = moved((position) => position % HALF);
  return Float64Array.from(
    moved((position) => Math.floor(position / HALF)),
    (high, i) => high * HALF + low[i],
  );
}

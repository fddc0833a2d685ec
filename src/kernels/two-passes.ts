// Sums over many pixels in two passes: chunks of pixels first, and their sums next.
import { ceilDiv } from "../tensor/shape.ts";
import { flat, type Launch, type Lowering, type Target } from "./kernel.ts";
import { sums } from "./sum-pixels.ts";

const WORKGROUP = 64;

/** Approximate number of invocations of the first pass, enough for a large GPU. */
export const INVOCATIONS = 32768;

interface TwoPasses {
  /** How many sums there are, a multiple of 4. */
  readonly elements: number;
  /** Successive pixels that one invocation of the first pass sums. */
  readonly chunk: number;
  /** The output that gets the sums. */
  readonly to: string;
}

/** Two passes in place of each launch, whose shader sums all `pixels` of its Dims to y, four sums an invocation. */
export function inTwoPasses(onePass: readonly Launch[], { elements, chunk, to }: TwoPasses, target: Target): Lowering {
  const chunksOf = ({ dims: { pixels } }: Launch): number => ceilDiv(pixels, chunk);
  const launches = onePass.flatMap((launch): Launch[] => {
    const chunks = chunksOf(launch);
    const count = (chunks * elements) / 4;
    return [
      {
        ...launch,
        dims: { ...launch.dims, count, chunk, accumulate: 0 },
        bind: { y: "partial" },
        workgroups: flat(count, WORKGROUP, target),
      },
      sums({ pixels: chunks, channels: elements, chunk: chunks, accumulate: launch.dims["accumulate"] }, target, { x: "partial", y: to }),
    ];
  });
  return { launches, scratch: { partial: Math.max(...onePass.map(chunksOf)) * elements } };
}

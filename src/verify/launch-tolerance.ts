// Error bounds of launches: those of float32 kernels, unless they compute other sums or with other numbers.
import { mapPorts, type Bound } from "../graph/op.ts";
import type { KernelName } from "../kernels/index.ts";
import type { Launch } from "../kernels/kernel.ts";
import { tileOf } from "../kernels/winograd.ts";
import { ops } from "../ops/index.ts";
import { THROUGH_TILES } from "./winograd-tolerance.ts";

/** The bound of an op as these launches compute it. */
export function boundOf(name: KernelName, launches: readonly Pick<Launch, "shader" | "slots">[]): Bound {
  const tile = tileOf(launches);
  const bound = (tile && THROUGH_TILES[tile][name]) ?? ops[name].bound;
  return launches.some(({ shader }) => shader === "gemm/gemm-matrix.wgsl") ? ofHalves(bound) : bound;
}

/** Both factors of every product are rounded to half floats: by 2^-11 of themselves, or of 2^-14, below which half floats are subnormal. */
const ofHalves =
  (bound: Bound): Bound =>
  (run) => {
    const magnitudes = magnitudesOf(run);
    return mapPorts(bound(run), (errors, port) =>
      UNROUNDED.includes(port) ? errors : errors.map((error, i) => error + 1.001 * 2 ** -10 * Math.abs(magnitudes[port][i])),
    );
  };

/** What an update does with magnitudes instead of with a gradient: ports that take no part in its products are 0, so that only the gradient acts. */
const STATES = ["w", "v", "bias", "biasV"];
/** Outputs that come of no product: a bias's gradient is a sum. */
const UNROUNDED = ["nextBias", "nextBiasV"];

/** The op's outputs, of the magnitudes of its inputs, each a little enlarged. */
function magnitudesOf({ op, inputs, attributes, outputs }: Parameters<Bound>[0]): Record<string, Float64Array> {
  const updates = "rate" in inputs;
  const magnitudes = mapPorts(inputs, ({ shape, data }, port) => ({
    shape,
    data: data.map((value) => (updates && STATES.includes(port) ? 0 : Math.abs(value) + 2 ** -14)),
  }));
  const { random, rate } = inputs;
  return op.reference({ ...magnitudes, ...(random && { random }), ...(rate && { rate }) }, attributes, outputs);
}

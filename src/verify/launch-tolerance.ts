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
    const enlarged = mapPorts(run.inputs, ({ shape, data }) => ({ shape, data: data.map((value) => Math.abs(value) + 2 ** -14) }));
    const { random } = run.inputs;
    const magnitudes = run.op.reference({ ...enlarged, ...(random && { random }) }, run.attributes, run.outputs);
    return mapPorts(bound(run), (errors, port) => errors.map((error, i) => error + 1.001 * 2 ** -10 * magnitudes[port][i]));
  };

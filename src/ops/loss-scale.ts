// Loss scaling: what it means. Gradients that are stored in 16 bits vanish below 6e-8 and end at 65504, so the loss is multiplied by a power of two,
// which every gradient inherits, and the update divides it out again. The scale follows the largest gradients of the step before, on the GPU: the
// host never learns of it. (Micikevicius et al. 2018, "Mixed Precision Training", section 3.2; theirs backs off after an overflow, ours keeps a
// distance from it, because values stored in 16 bits here end at 65504 instead of overflowing.)
import { op, type Port } from "../graph/op.ts";
import { formatShape, sameShape } from "../tensor/shape.ts";
import { exactly } from "./bounds.ts";

/** Slots of `peaks`: workgroups that search a tensor side by side. */
export const PEAK_SLOTS = 64;
/** The largest gradient is brought to [2^12, 2^13), three powers of two below the end of 16 bits. */
export const PEAK_EXPONENT = 12;
/** The scale lies between 2^-24 and 2^24. */
export const LARGEST_EXPONENT = 24;

/** next[s] = the larger of peaks[s] and of |x| over the elements that slot s looks at: one of 64 stretches, 4 elements a time. Written over peaks. */
export const peak = op<{ peaks: Port; x: Port }, { next: Port }, object>({
  name: "peak",
  inPlace: [["peaks", "next"]],
  infer({ peaks }, _attributes, label) {
    if (!sameShape(peaks.shape, [PEAK_SLOTS]))
      throw new Error(`peak "${label}": peaks must be [${PEAK_SLOTS}], got ${formatShape(peaks.shape)}`);
    return { next: peaks };
  },
  reference({ peaks, x }) {
    const next = peaks.data.slice();
    x.data.forEach((value, i) => {
      const slot = Math.floor(i / 4) % PEAK_SLOTS;
      next[slot] = Math.max(next[slot], Math.abs(value));
    });
    return { next };
  },
  bound: exactly,
});

/** The scale of this step's loss, 2^exponent. exponent: f32 [1], whole. */
export const lossScale = op<{ exponent: Port }, { scale: Port }, object>({
  name: "lossScale",
  infer: ({ exponent }, _attributes, label) => ({ scale: single(exponent, "lossScale", label) }),
  reference: ({ exponent }) => ({ scale: exponent.data.map((value) => 2 ** value) }),
  bound: exactly,
});

/** What the update of a scaled loss takes in place of rate [2], (rate, 1): (rate / scale, scale). */
export const scaledRate = op<{ rate: Port; exponent: Port }, { scaled: Port }, object>({
  name: "scaledRate",
  infer({ rate, exponent }, _attributes, label) {
    single(exponent, "scaledRate", label);
    return { scaled: rate };
  },
  reference({ rate, exponent }) {
    const scale = 2 ** exponent.data[0];
    return { scaled: Float64Array.of(rate.data[0] / scale, rate.data[1] * scale) };
  },
  bound: exactly,
});

/**
 * The exponent of the next step's scale: gradients as large as this step's peak would reach PEAK_EXPONENT. It rises by at most 1 per step,
 * because one step of small gradients is weak evidence, and falls at once. Written over exponent.
 */
export const nextLossScale = op<{ exponent: Port; peaks: Port }, { next: Port }, object>({
  name: "nextLossScale",
  inPlace: [["exponent", "next"]],
  infer: ({ exponent }, _attributes, label) => ({ next: single(exponent, "nextLossScale", label) }),
  reference({ exponent, peaks }) {
    const largest = peaks.data.reduce((a, b) => Math.max(a, b), 0);
    const room = largest > 0 ? PEAK_EXPONENT - Math.floor(Math.log2(largest)) : 1;
    const next = exponent.data[0] + Math.min(room, 1);
    return { next: Float64Array.of(Math.max(-LARGEST_EXPONENT, Math.min(LARGEST_EXPONENT, next))) };
  },
  bound: exactly,
});

function single(type: { readonly shape: readonly number[]; readonly dtype: "f32" | "u32" }, name: string, label: string): typeof type {
  if (!sameShape(type.shape, [1])) throw new Error(`${name} "${label}": expected a single value, [1], got ${formatShape(type.shape)}`);
  return type;
}

// How far a float32 kernel may lie from its float64 definition: the parts that an op's `bound` is made of. A bound is derived from the arithmetic and
// never tuned to pass.
//
// A sum of K terms computed in float32 makes K roundings, each uniform within eps of the partial sum, which the sum of the terms' magnitudes
// bounds: four standard deviations are 4 sqrt(K / 3) eps * magnitude. Division, square root and transcendental functions err as the WGSL
// specification (section 15.7.4, "Accuracy of built-in functions") allows, where a unit in the last place is at most 2 eps.
import { mapPorts, type Array64, type Bound, type Run } from "../graph/op.ts";

/** Relative error of one float32 rounding: half a unit in the last place of 1. */
export const EPS = 2 ** -24;
/** The least normal float32: anything smaller may be flushed to 0. */
export const FLUSH = 2 ** -126;
/** Roundings in a division: 2.5 units in the last place. */
export const DIVISION = 5;

/** Roundings that a sum of `terms` products amounts to, with a few for each term's own. */
export const sumOf = (terms: number): number => 3 + 4 * Math.sqrt(terms / 3);

/** `count` roundings of a magnitude. Second-order terms are below 1 / 1000 of the first for any count met here. */
export const roundings = (count: number, magnitude: Float64Array): Float64Array =>
  magnitude.map((value) => 1.001 * count * EPS * Math.abs(value) + (count > 0 ? FLUSH : 0));

/** Bound of an op that moves or compares values and computes nothing. */
export const exactly: Bound = ({ exact }) => mapPorts(exact, (values) => new Float64Array(values.length));

/** Bound of an op whose elements are each made by `count` roundings in a row, with no cancellation that would magnify them. */
export const relative =
  (count: number): Bound =>
  ({ exact }) =>
    mapPorts(exact, (values) => roundings(count, values));

/** Bound of a sum of products, whose magnitude is the op's own definition on absolute values. `terms` returns the length of the longest sum. */
export const sumOfProducts =
  (terms: (run: Run) => number, more = 0): Bound =>
  (run) =>
    mapPorts(onMagnitudes(run), (magnitude) => roundings(sumOf(terms(run)) + more, magnitude));

/** The definition on absolute values. Gates, and the inputs named in `deciding`, only decide what counts and are taken as they are. */
export function onMagnitudes({ op, inputs, attributes, outputs }: Run, deciding: Run["inputs"] = {}): Record<string, Float64Array> {
  const gate = inputs["gate"];
  return op.reference({ ...mapPorts(inputs, magnitudeOf), ...(gate && { gate }), ...deciding }, attributes, outputs);
}

export const magnitudeOf = ({ shape, data }: Array64): Array64 => ({ shape, data: data.map(Math.abs) });

/** Terms that an addend adds to a sum. */
export const addends = ({ inputs }: Run): number => ("addend" in inputs ? 1 : 0);

/** Roundings in log x, absolute: 2^-21 between 1/2 and 2, 3 units in the last place elsewhere. */
export const logarithm = (x: number): number => Math.max(8, 6 * Math.abs(Math.log(Math.max(x, FLUSH))));

// How the values of an array are distributed, counted on the device: a few hundred numbers are read back, however large the array is.
import { readParts, type BufferRange } from "./buffers.ts";
import { dispatch, withScratch } from "./dispatch.ts";
import type { Engine } from "./engine.ts";

/** Elements first + i / inner * outerStride + i % inner * innerStride of a range, i from 0 to count - 1. */
export interface Strided {
  readonly range: BufferRange;
  readonly count: number;
  readonly first: number;
  readonly inner: number;
  readonly outerStride: number;
  readonly innerStride: number;
}

/** Counts; least, largest, mean and deviation are of the finite values, and NaN where there is none. */
export interface Distribution {
  readonly count: number;
  readonly least: number;
  readonly largest: number;
  readonly mean: number;
  readonly deviation: number;
  readonly zeros: number;
  readonly nans: number;
  readonly infinite: number;
  readonly bins: Uint32Array;
}

const BINS = 64;
const GROUPS = 64;
const LANES = 64;
/** Numbers that moments.wgsl writes for each group. */
const MOMENTS = 6;

/** The distribution of an array's values, once everything submitted so far is done. `ready` throws where its memory was freed before that was submitted. */
export function distributionOf(engine: Engine, { range, count, ...strides }: Strided, ready: () => void): Promise<Distribution> {
  return withScratch(engine, [GROUPS * MOMENTS, BINS, GROUPS], async ([parts, bins, squares]) => {
    const dims = { count, ...strides };
    const workgroups = [GROUPS, 1, 1] as const;
    const launches = [
      { file: "moments.wgsl", params: { GROUPS, LANES }, dims, bind: { x: range, parts }, workgroups },
      { file: "histogram.wgsl", params: { GROUPS, LANES, BINS }, dims, bind: { x: range, parts, bins, squares }, workgroups },
    ];
    await dispatch(engine, launches, ready);
    const [moments, counted, deviations] = await readParts(engine, [
      { ...parts, elements: GROUPS * MOMENTS },
      { ...bins, elements: BINS },
      { ...squares, elements: GROUPS },
    ]);
    const column = (moment: number): number[] => Array.from({ length: GROUPS }, (_, group) => moments[group * MOMENTS + moment]);
    const sum = (values: Iterable<number>): number => [...values].reduce((total, value) => total + value, 0);
    const [nans, infinite] = [sum(column(4)), sum(column(5))];
    const finite = count - nans - infinite;
    const none = finite === 0;
    return {
      count,
      least: none ? NaN : Math.min(...column(0)),
      largest: none ? NaN : Math.max(...column(1)),
      mean: none ? NaN : sum(column(2)) / finite,
      deviation: none ? NaN : Math.sqrt(sum(deviations) / finite),
      zeros: sum(column(3)),
      nans,
      infinite,
      bins: new Uint32Array(counted.buffer, counted.byteOffset, BINS),
    };
  });
}

// Reads boxes of strided arrays back: the few values of large tensors that someone wants to see.
import type { Target } from "../kernels/kernel.ts";
import { ceilDiv, sizeOf } from "../tensor/shape.ts";
import { readBack, type BufferRange } from "./buffers.ts";
import { dispatch, withScratch, type Dispatch } from "./dispatch.ts";
import type { Engine } from "./engine.ts";

/** Part of an array: elements first + sum over axes of index * stride, the last axis fastest. */
export interface DeviceBox {
  readonly range: BufferRange;
  readonly first: number;
  readonly extents: readonly number[];
  readonly strides: readonly number[];
}

const WORKGROUP = 64;
const AXES = 3;

/**
 * The values of boxes, each without gaps, once everything submitted so far is done. Boxes have three axes at most, axes of extent 1 and axes that continue each
 * other not counted. `ready` throws where their memory was freed before the reading was submitted.
 */
export async function gather(
  engine: Engine,
  boxes: readonly DeviceBox[],
  ready: () => void,
  { maxBindingBytes, offsetAlignment }: Pick<Target, "maxBindingBytes" | "offsetAlignment"> = engine.target,
): Promise<Float32Array[]> {
  const sizes = boxes.map(({ extents }) => sizeOf(extents));
  const starts = sizes.map((_, i) => sizes.slice(0, i).reduce((sum, size) => sum + size, 0));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  return withScratch(engine, [total], async ([y]) => {
    const launches = boxes.flatMap((box, i) =>
      fitting(inAxes(box), starts[i], maxBindingBytes - offsetAlignment).map(({ range, first, extents, strides, into }): Dispatch => {
        const from = (range.offset + first * 4) % offsetAlignment;
        const offset = range.offset + first * 4 - from;
        const [, extent1, extent2] = extents;
        const [stride0, stride1, stride2] = strides;
        return {
          file: "gather.wgsl",
          params: { WORKGROUP },
          dims: { count: sizeOf(extents), into, first: from / 4, extent1, extent2, stride0, stride1, stride2 },
          bind: { x: { buffer: range.buffer, offset, bytes: from + spanOf(extents, strides) * 4 }, y },
          workgroups: [ceilDiv(sizeOf(extents), WORKGROUP), 1, 1],
        };
      }),
    );
    await dispatch(engine, launches, ready);
    const values = await readBack(engine, y, total);
    return boxes.map((_, i) => values.slice(starts[i], starts[i] + sizes[i]));
  });
}

/** The same box with three axes. */
function inAxes({ range, first, extents, strides }: DeviceBox): DeviceBox {
  const axes: { extent: number; stride: number }[] = [];
  extents.forEach((extent, axis) => {
    const last = axes.at(-1);
    if (extent === 1) return;
    if (last && last.stride === extent * strides[axis]) axes[axes.length - 1] = { extent: last.extent * extent, stride: strides[axis] };
    else axes.push({ extent, stride: strides[axis] });
  });
  if (axes.length > AXES) throw new Error(`internal: a box of ${axes.length} axes, more than ${AXES}`);
  while (axes.length < AXES) axes.unshift({ extent: 1, stride: 0 });
  return { range, first, extents: axes.map(({ extent }) => extent), strides: axes.map(({ stride }) => stride) };
}

/** Elements from the first to the last one. */
const spanOf = (extents: readonly number[], strides: readonly number[]): number =>
  extents.reduce((span, extent, axis) => span + (extent - 1) * strides[axis], 1);

/** The box in parts that a binding holds, and where each goes. */
function fitting(box: DeviceBox, into: number, most: number): (DeviceBox & { readonly into: number })[] {
  const { extents, strides, first } = box;
  const axis = extents.findIndex((extent) => extent > 1);
  if (spanOf(extents, strides) * 4 <= most || axis < 0) return [{ ...box, into }];
  const half = Math.floor(extents[axis] / 2);
  const part = (from: number, count: number) =>
    fitting(
      { ...box, first: first + from * strides[axis], extents: extents.with(axis, count) },
      into + from * sizeOf(extents.slice(axis + 1)),
      most,
    );
  return [...part(0, half), ...part(half, extents[axis] - half)];
}

// The strongest value of every channel of every picture, found on the device.
import { ceilDiv } from "../tensor/shape.ts";
import { readParts, type BufferRange } from "./buffers.ts";
import { dispatch, withScratch, type Dispatch } from "./dispatch.ts";
import type { Engine } from "./engine.ts";

/** By picture and channel, [pictures, channels]. */
export interface Strongest {
  readonly values: Float32Array;
  /** Position of that value in its picture; the number of positions where none is finite. */
  readonly places: Uint32Array;
}

const WORKGROUP = 64;

/** The strongest values of an array [pictures, positions, channels], once everything submitted so far is done. `ready` throws where its memory was freed meanwhile. */
export function strongestOf(
  engine: Engine,
  x: BufferRange,
  [pictures, positions, channels]: readonly [number, number, number],
  ready: () => void,
): Promise<Strongest> {
  const elements = pictures * channels;
  return withScratch(engine, [elements, elements], async ([best, place]) => {
    const launch: Dispatch = {
      file: "strongest.wgsl",
      params: { WORKGROUP },
      dims: { pictures, positions, channels },
      bind: { x, best, place },
      workgroups: [ceilDiv(channels, WORKGROUP), pictures, 1],
    };
    await dispatch(engine, [launch], ready);
    const [values, places] = await readParts(engine, [
      { ...best, elements },
      { ...place, elements },
    ]);
    return { values, places: new Uint32Array(places.buffer, places.byteOffset, elements) };
  });
}

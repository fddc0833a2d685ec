// GPU buffers that hold named values, and the way back to the host.
import type { Graph } from "../graph/graph.ts";
import { BYTES_PER_ELEMENT, roundUp, sizeOf, type DType, type Shape } from "../tensor/shape.ts";
import type { Engine } from "./engine.ts";
import { packStates, type StateAllocation } from "./memory.ts";

// WebGPU's flags, as numbers: their names are globals that not every host has.
export const USAGE = { mapRead: 1, copySrc: 4, copyDst: 8, uniform: 64, storage: 128, queryResolve: 512 } as const;
const MAP_MODE_READ = 1;

export interface BufferRange {
  readonly buffer: GPUBuffer;
  readonly offset: number;
  readonly bytes: number;
}

export interface StateSpec {
  readonly name: string;
  readonly shape: Shape;
  readonly dtype: DType;
}

/** Values that outlive a step, shared by every session that uses the same parameters: packed into few buffers, zero at first. */
export class States {
  readonly #engine: Engine;
  /** The memory of each state, which a plan has to know. */
  readonly allocations: ReadonlyMap<string, StateAllocation>;
  readonly #buffers: readonly GPUBuffer[];
  readonly #specs = new Map<string, StateSpec>();

  /** The states that a graph declares. */
  static of(engine: Engine, { states }: Graph): States {
    return new States(
      engine,
      states.map(({ name, value: { shape, dtype } }) => ({ name, shape, dtype })),
    );
  }

  constructor(engine: Engine, specs: Iterable<StateSpec>) {
    this.#engine = engine;
    for (const spec of specs) this.#specs.set(spec.name, spec);
    const { allocations, buffers } = packStates([...this.#specs.values()].map(withBytes), engine.device.limits.maxBufferSize);
    this.allocations = allocations;
    this.#buffers = buffers.map((size) => engine.createBuffer("states", size, STATES_USAGE));
  }

  get names(): string[] {
    return [...this.#specs.keys()];
  }

  range(name: string): BufferRange & StateSpec {
    const spec = this.#specs.get(name);
    const allocation = this.allocations.get(name);
    if (!spec || !allocation) throw new Error(`internal: there is no state "${name}"`);
    return { ...spec, buffer: this.#buffers[allocation.buffer], offset: allocation.offset, bytes: allocation.bytes };
  }

  /** Values in the engine's order. */
  write(name: string, data: Float32Array | Uint32Array): void {
    const { buffer, offset, shape } = this.range(name);
    expectLength(`state "${name}"`, shape, data.length);
    this.#engine.device.queue.writeBuffer(buffer, offset, data);
  }

  /** Values in the engine's order, once everything submitted so far is done. */
  async read(name: string): Promise<Float32Array> {
    const { shape, ...range } = this.range(name);
    return readBack(this.#engine, range, sizeOf(shape));
  }

  /**
   * Values of several states, in the engine's order, once everything submitted so far is done. States are copied together and mapped once per
   * `READ_TOGETHER` bytes: each map waits for a turn of the driver.
   */
  async readAll(names: Iterable<string>): Promise<Map<string, Float32Array>> {
    const values = new Map<string, Float32Array>();
    const group: string[] = [];
    let bytes = 0;
    const flush = async (): Promise<void> => {
      const parts = group.map((name) => this.range(name));
      const read = await readParts(
        this.#engine,
        parts.map(({ shape, ...range }) => ({ ...range, elements: sizeOf(shape) })),
      );
      parts.forEach(({ name }, i) => values.set(name, read[i]));
      group.length = bytes = 0;
    };
    for (const name of names) {
      const { bytes: more } = this.range(name);
      if (group.length > 0 && bytes + more > READ_TOGETHER) await flush();
      group.push(name);
      bytes += more;
    }
    if (group.length > 0) await flush();
    return values;
  }

  /** A copy of all states as they are once everything submitted so far is done, in buffers of its own on the device. */
  mark(): GPUBuffer[] {
    const copies = this.#buffers.map(({ size }) => this.#engine.createBuffer("mark", size, STATES_USAGE));
    this.#copy(this.#buffers, copies);
    return copies;
  }

  /** Sets all states to those of a mark. */
  back(mark: readonly GPUBuffer[]): void {
    this.#copy(mark, this.#buffers);
  }

  #copy(from: readonly GPUBuffer[], to: readonly GPUBuffer[]): void {
    const encoder = this.#engine.device.createCommandEncoder();
    from.forEach((buffer, i) => encoder.copyBufferToBuffer(buffer, 0, to[i], 0, buffer.size));
    this.#engine.device.queue.submit([encoder.finish()]);
  }

  dispose(): void {
    this.#engine.free(this.#buffers);
  }
}

const STATES_USAGE = USAGE.storage | USAGE.copySrc | USAGE.copyDst;

/** Largest staging buffer of `readAll`, unless one state alone is larger. */
const READ_TOGETHER = 2 ** 26;

/** A state with the bytes it takes. */
const withBytes = ({ name, shape }: Pick<StateSpec, "name" | "shape">): { name: string; bytes: number } => ({
  name,
  bytes: sizeOf(shape) * BYTES_PER_ELEMENT,
});

export function expectLength(what: string, shape: Shape, length: number): void {
  if (length !== sizeOf(shape)) throw new Error(`${what} [${shape.join(", ")}] takes ${sizeOf(shape)} values, got ${length}`);
}

/** The first `elements` of a range as float32, once everything submitted so far is done. u32 values keep their bits. */
export async function readBack(engine: Engine, range: BufferRange, elements: number): Promise<Float32Array> {
  const [values] = await readParts(engine, [{ ...range, elements }]);
  return values;
}

/** As `readBack`, of several ranges through one staging buffer. */
export async function readParts(engine: Engine, parts: readonly (BufferRange & { readonly elements: number })[]): Promise<Float32Array[]> {
  engine.check();
  const bytes = parts.reduce((sum, { elements }) => sum + elements * BYTES_PER_ELEMENT, 0);
  const staging = engine.device.createBuffer({ label: "read back", size: roundUp(bytes, 4), usage: USAGE.mapRead | USAGE.copyDst });
  try {
    const encoder = engine.device.createCommandEncoder();
    let at = 0;
    for (const { buffer, offset, elements } of parts) {
      encoder.copyBufferToBuffer(buffer, offset, staging, at, elements * BYTES_PER_ELEMENT);
      at += elements * BYTES_PER_ELEMENT;
    }
    engine.device.queue.submit([encoder.finish()]);
    await engine.platform.wait(staging.mapAsync(MAP_MODE_READ)).catch((error: unknown) => {
      engine.check();
      throw error;
    });
    const mapped = new Float32Array(staging.getMappedRange());
    let from = 0;
    const values = parts.map(({ elements }) => mapped.slice(from, (from += elements)));
    engine.check();
    return values;
  } finally {
    staging.destroy();
  }
}

// What the host feeds before each step: large inputs in buffers of their own, all small ones (labels, rate, seed ...) in one, written at once.
import type { Value } from "../graph/graph.ts";
import { roundUp, sizeOf } from "../tensor/shape.ts";
import { USAGE, type BufferRange } from "./buffers.ts";
import type { Engine } from "./engine.ts";
import { ALIGNMENT } from "./memory.ts";
import { bytesOf } from "./lowering.ts";

/** Bytes up to which an input is small. */
const SMALL = 4096;

interface Input extends BufferRange {
  readonly elements: number;
  readonly small: boolean;
}

export class Inputs {
  readonly #engine: Engine;
  readonly #inputs = new Map<string, Input>();
  readonly #buffers: GPUBuffer[] = [];
  /** The small inputs as they will be written. */
  readonly #staged: Uint8Array<ArrayBuffer>;
  readonly #small: GPUBuffer;
  #dirty = false;

  constructor(engine: Engine, values: readonly Value[]) {
    this.#engine = engine;
    const make = (label: string, size: number): GPUBuffer => {
      const buffer = engine.createBuffer(label, size, USAGE.storage | USAGE.copySrc | USAGE.copyDst);
      this.#buffers.push(buffer);
      return buffer;
    };
    const small = values.filter((value) => bytesOf(value) <= SMALL);
    this.#staged = new Uint8Array(
      Math.max(
        ALIGNMENT,
        small.reduce((sum, value) => sum + roundUp(bytesOf(value), ALIGNMENT), 0),
      ),
    );
    this.#small = make("small inputs", this.#staged.length);
    let offset = 0;
    for (const value of values) {
      const bytes = bytesOf(value);
      const elements = sizeOf(value.shape);
      if (bytes > SMALL) this.#inputs.set(value.name, { buffer: make(value.name, bytes), offset: 0, bytes, elements, small: false });
      else {
        this.#inputs.set(value.name, { buffer: this.#small, offset, bytes, elements, small: true });
        offset += roundUp(bytes, ALIGNMENT);
      }
    }
  }

  range(name: string): BufferRange {
    const input = this.#inputs.get(name);
    if (!input) throw new Error(`there is no input "${name}"; this graph takes ${[...this.#inputs.keys()].join(", ")}`);
    return input;
  }

  /** Sets an input for the steps that follow. */
  feed(name: string, data: Float32Array | Uint32Array): void {
    const { buffer, offset, elements, small } = this.range(name) as Input;
    if (data.length !== elements) throw new Error(`input "${name}" takes ${elements} values, got ${data.length}`);
    if (!small) this.#engine.device.queue.writeBuffer(buffer, 0, data);
    else {
      this.#staged.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), offset);
      this.#dirty = true;
    }
  }

  /** Writes what was fed and not yet written. */
  flush(): void {
    if (this.#dirty) this.#engine.device.queue.writeBuffer(this.#small, 0, this.#staged);
    this.#dirty = false;
  }

  dispose(): void {
    this.#engine.free(this.#buffers);
  }
}

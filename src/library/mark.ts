// The state of a trainer, to go back to.
import type { Engine } from "../engine/engine.ts";

/** The state of a trainer at one step, on the device. */
export class Mark implements Disposable {
  /** Steps that had been taken. */
  readonly step: number;
  readonly #engine: Engine;
  #buffers: readonly GPUBuffer[] | null;

  /** @internal */
  constructor(engine: Engine, step: number, buffers: readonly GPUBuffer[]) {
    this.#engine = engine;
    this.step = step;
    this.#buffers = buffers;
  }

  /** @internal */
  static buffersOf(mark: Mark): readonly GPUBuffer[] {
    if (!mark.#buffers) throw new Error("this mark was disposed");
    return mark.#buffers;
  }

  /** Frees its memory on the device. */
  dispose(): void {
    this.#engine.free(this.#buffers ?? []);
    this.#buffers = null;
  }

  /** The same as `dispose`, for `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }
}

// What a training step did, layer by layer, measured on the device: the norm of the gradient that it applied, and the share of dead units. The step itself stays as
// it is.
import { readBack, USAGE, type BufferRange } from "../engine/buffers.ts";
import type { Engine } from "../engine/engine.ts";
import { packDims, type LinkedShader } from "../engine/linker.ts";
import { Session, type SessionOptions } from "../engine/session.ts";
import type { Parameter } from "../models/network.ts";
import { roundUp, sizeOf } from "../tensor/shape.ts";
import { measuringGraph, type MeasuredLayer } from "./lsuv.ts";
import { momentumOf } from "./graphs.ts";
import type { TrainingOptions } from "./training-graphs.ts";

/** A layer with weights after a step. */
export interface LayerMeasure {
  /** Caffe's name of the layer. */
  readonly layer: string;
  /** Euclidean norm of the gradient of its weights and bias, mean over the batch; null where the layer or the step did not learn. */
  readonly gradient: number | null;
  /** Share of its channels that no image of the batch makes positive, 0 to 1: they pass nothing on and learn nothing. Null where no ReLU follows. */
  readonly dead: number | null;
}

interface Batch {
  readonly pixels: Uint32Array;
  readonly placement: Uint32Array;
}

const LANES = 64;
/** Workgroups, and so partial sums, of a parameter. */
const GROUPS = 64;
const WHOLE_BINDING = 256;

export class StepMeter {
  readonly #engine: Engine;
  readonly #options: TrainingOptions;
  readonly #parameters: readonly Parameter[];
  readonly #states: Session["states"];
  readonly #measuring: Session;
  readonly #layers: readonly MeasuredLayer[];
  readonly #squares: LinkedShader;
  readonly #largest: LinkedShader;

  static async open(
    engine: Engine,
    options: TrainingOptions,
    parameters: readonly Parameter[],
    sessionOptions: SessionOptions & { readonly states: Session["states"] },
  ): Promise<StepMeter> {
    const { graph, layers } = measuringGraph(options);
    // What is measured are values in 32 bits, whatever the training stores.
    const { storage: _, ...others } = sessionOptions;
    const measuring = await Session.open(engine, graph, others);
    const [squares, largest] = await engine.withShaders(() => [
      engine.shader("measure-gradient.wgsl", { params: { LANES, GROUPS } }),
      engine.shader("measure-channels.wgsl", { params: { LANES } }),
    ]);
    return new StepMeter(engine, { options, parameters, measuring, layers, squares, largest });
  }

  private constructor(
    engine: Engine,
    parts: {
      readonly options: TrainingOptions;
      readonly parameters: readonly Parameter[];
      readonly measuring: Session;
      readonly layers: readonly MeasuredLayer[];
      readonly squares: LinkedShader;
      readonly largest: LinkedShader;
    },
  ) {
    this.#engine = engine;
    this.#options = parts.options;
    this.#parameters = parts.parameters.filter(({ rateMultiplier }) => rateMultiplier > 0);
    this.#measuring = parts.measuring;
    this.#states = parts.measuring.states;
    this.#layers = parts.layers;
    this.#squares = parts.squares;
    this.#largest = parts.largest;
  }

  /**
   * Measures the step that was just taken, at this rate, from `before`, a mark of the states before it. Dead units are those of the batch with the parameters as
   * they are now; `random` draws dropout's masks.
   */
  async measure(before: readonly GPUBuffer[], rate: number, batch: Batch, random: Uint32Array): Promise<LayerMeasure[]> {
    const gradients = rate > 0 ? await this.#gradients(before, rate) : new Map<string, number>();
    const dead = await this.#dead(batch, random);
    return this.#layers.map(({ name }) => ({ layer: name, gradient: gradients.get(name) ?? null, dead: dead.get(name) ?? null }));
  }

  dispose(): void {
    this.#measuring.dispose();
  }

  async #gradients(before: readonly GPUBuffer[], rate: number): Promise<Map<string, number>> {
    const { momentum, weightDecay } = this.#options;
    const earlier = (name: string): BufferRange => {
      const { offset, bytes } = this.#states.range(name);
      const { buffer } = this.#states.allocations.get(name) as { readonly buffer: number };
      return { buffer: before[buffer], offset, bytes };
    };
    const launches = this.#parameters.map(({ name, value, rateMultiplier, decayMultiplier }, i) => ({
      dims: {
        elements: sizeOf(value.shape),
        first: i * GROUPS,
        momentum,
        rate: rate * rateMultiplier,
        decay: weightDecay * decayMultiplier,
      },
      operands: { before: earlier(momentumOf(name)), w: earlier(name), after: this.#states.range(momentumOf(name)) },
      workgroups: GROUPS,
    }));
    const sums = await this.#reduced(this.#squares, launches, { name: "squares", elements: launches.length * GROUPS });
    const squares = new Map<string, number>();
    this.#parameters.forEach(({ layer }, i) => {
      let sum = squares.get(layer) ?? 0;
      for (const part of sums.subarray(i * GROUPS, (i + 1) * GROUPS)) sum += part;
      squares.set(layer, sum);
    });
    return new Map([...squares].map(([layer, sum]) => [layer, Math.sqrt(sum)]));
  }

  async #dead({ pixels, placement }: Batch, random: Uint32Array): Promise<Map<string, number>> {
    const rectified = this.#layers.filter((layer) => layer.rectified);
    if (rectified.length === 0) return new Map();
    this.#measuring.feed("pixels", pixels);
    this.#measuring.feed("placement", placement);
    this.#measuring.feed("random", random);
    this.#measuring.run();
    let first = 0;
    const launches = rectified.map(({ name, shape }) => {
      const channels = shape[shape.length - 1];
      const launch = {
        dims: { rows: sizeOf(shape) / channels, channels, first },
        operands: { x: this.#measuring.output(name) },
        workgroups: channels,
      };
      first += channels;
      return launch;
    });
    const largest = await this.#reduced(this.#largest, launches, { name: "largest", elements: first });
    return new Map(
      rectified.map(({ name }, i) => {
        const { channels, first: from } = launches[i].dims;
        return [name, largest.subarray(from, from + channels).filter((value) => value <= 0).length / channels];
      }),
    );
  }

  /** Runs one shader launch by launch into one buffer, and reads that. */
  async #reduced(
    shader: LinkedShader,
    launches: readonly {
      readonly dims: Readonly<Record<string, number>>;
      readonly operands: Readonly<Record<string, BufferRange>>;
      readonly workgroups: number;
    }[],
    result: { readonly name: string; readonly elements: number },
  ): Promise<Float32Array> {
    const { device } = this.#engine;
    const { pipeline, layout } = await this.#engine.compile(shader);
    const step = Math.max(device.limits.minUniformBufferOffsetAlignment, WHOLE_BINDING);
    const bytes = roundUp(result.elements * 4, 16);
    const written = this.#engine.createBuffer("measures", bytes, USAGE.storage | USAGE.copySrc);
    const dims = this.#engine.createBuffer("measures' dims", launches.length * step, USAGE.uniform | USAGE.copyDst);
    try {
      const encoder = device.createCommandEncoder();
      const pass = encoder.beginComputePass();
      pass.setPipeline(pipeline);
      launches.forEach(({ dims: values, operands, workgroups }, i) => {
        const packed = packDims(shader, values);
        device.queue.writeBuffer(dims, i * step, packed);
        const ranges: Readonly<Record<string, BufferRange>> = {
          ...operands,
          dims: { buffer: dims, offset: i * step, bytes: packed.byteLength },
          [result.name]: { buffer: written, offset: 0, bytes },
        };
        const entries = shader.bindings.map(({ name, binding }) => {
          const { buffer, offset, bytes: size } = ranges[name];
          return { binding, resource: { buffer, offset, size } };
        });
        pass.setBindGroup(0, device.createBindGroup({ label: shader.name, layout, entries }));
        pass.dispatchWorkgroups(workgroups);
      });
      pass.end();
      device.queue.submit([encoder.finish()]);
      return await readBack(this.#engine, { buffer: written, offset: 0, bytes }, result.elements);
    } finally {
      this.#engine.free([written, dims]);
    }
  }
}

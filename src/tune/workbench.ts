// One problem on the device with any of its candidates: for the tuner, which tries many on the same buffers. Arrays of the host are dense; those
// that lie inside a wider tensor on the device are spread and gathered on the way.
import { overwrites } from "../graph/graph.ts";
import type { Problem } from "../kernels/choose.ts";
import { withPlaces, type Launch, type Layout, type Lowering } from "../kernels/kernel.ts";
import { BYTES_PER_ELEMENT, roundUp, sizeOf, type DType, type Shape } from "../tensor/shape.ts";
import { readBack, USAGE, type BufferRange } from "../engine/buffers.ts";
import type { Engine } from "../engine/engine.ts";
import type { Filled } from "../verify/fill.ts";
import { packDims } from "../engine/linker.ts";
import { packStates } from "../engine/memory.ts";
import { timePasses } from "../engine/timestamps.ts";

/** A candidate of the problem, compiled and bound. */
export interface Attempt {
  readonly launches: readonly {
    readonly pipeline: GPUComputePipeline;
    readonly bindings: GPUBindGroup;
    readonly workgroups: readonly [number, number, number];
  }[];
}

/** Shortest run that the host's clock can time, if the GPU's is absent. */
const LONG_ENOUGH_MS = 20;
const MOST_RUNS = 1000;

export class Workbench {
  readonly #engine: Engine;
  readonly #problem: Problem;
  readonly #inputs: Filled;
  readonly #buffers: GPUBuffer[] = [];
  /** By port, and by name of scratch. */
  readonly #ranges = new Map<string, BufferRange>();

  /** For the given candidates. Throws if the adapter's buffers are too small. */
  constructor(engine: Engine, problem: Problem, inputs: Filled, lowerings: readonly Lowering[]) {
    this.#engine = engine;
    this.#problem = problem;
    this.#inputs = inputs;
    try {
      this.#place(lowerings);
      for (const [port, { shape }] of Object.entries(problem.node.inputs)) this.#write(port, inputs[port], shape);
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  /** Values that are bound together are adjacent, as states are; all others are separate, so that no launch reads and writes one buffer. */
  #place(lowerings: readonly Lowering[]): void {
    const { node } = this.#problem;
    const spanned = lowerings.flatMap(({ launches }) => launches.flatMap(({ spans }) => Object.values(spans ?? {}).flat()));
    const sizes = [...new Set(spanned)].map((port) => ({ name: port, bytes: this.#bytesOf(port, node.inputs[port].shape) }));
    const { allocations, buffers } = packStates(sizes, this.#engine.device.limits.maxBufferSize);
    const packed = buffers.map((size) => this.#storage("states", size));
    for (const [port, { buffer, offset, bytes }] of allocations) this.#ranges.set(port, { buffer: packed[buffer], offset, bytes });
    for (const [port, { shape }] of Object.entries(node.inputs)) if (!this.#ranges.has(port)) this.#own(port, this.#bytesOf(port, shape));
    for (const [input, output] of overwrites(node)) this.#ranges.set(output, this.#rangeOf(input));
    for (const [port, { shape }] of Object.entries(node.outputs)) if (!this.#ranges.has(port)) this.#own(port, this.#bytesOf(port, shape));
    const scratch = new Map<string, number>();
    for (const lowering of lowerings)
      for (const [name, elements] of Object.entries(lowering.scratch ?? {})) scratch.set(name, Math.max(scratch.get(name) ?? 0, elements));
    for (const [name, elements] of scratch) this.#own(name, elements * BYTES_PER_ELEMENT);
  }

  #own(name: string, bytes: number): void {
    const size = roundUp(bytes, 16);
    this.#ranges.set(name, { buffer: this.#storage(name, size), offset: 0, bytes: size });
  }

  /** Bytes that a port takes on the device, and a vector of four beyond its last element. */
  #bytesOf(port: string, shape: Shape): number {
    return roundUp(this.#elementsOf(port, shape) * BYTES_PER_ELEMENT, 16);
  }

  #elementsOf(port: string, shape: Shape): number {
    const layout = this.#problem.layouts?.[port];
    return layout ? sizeOf(shape.slice(0, -1)) * layout.stride : sizeOf(shape);
  }

  #storage(name: string, size: number): GPUBuffer {
    const { device } = this.#engine;
    if (size > device.limits.maxBufferSize)
      throw new Error(`"${name}" takes ${size} bytes, this adapter's buffers are limited to ${device.limits.maxBufferSize}`);
    const buffer = device.createBuffer({ label: `tuner ${name}`, size, usage: USAGE.storage | USAGE.copySrc | USAGE.copyDst });
    this.#buffers.push(buffer);
    return buffer;
  }

  /** Restores inputs that runs overwrite, and fills outputs with NaN, so that values that a kernel does not write are detected. */
  #reset(): void {
    const { node } = this.#problem;
    const overwritten = new Map(overwrites(node));
    for (const input of overwritten.keys()) this.#write(input, this.#inputs[input], node.inputs[input].shape);
    const results = new Set(overwritten.values());
    for (const [port, { shape, dtype }] of Object.entries(node.outputs))
      if (!results.has(port)) this.#write(port, unset(shape, dtype), shape);
  }

  #write(port: string, data: Float32Array | Uint32Array, shape: Shape): void {
    const layout = this.#problem.layouts?.[port];
    const { buffer, offset } = this.#ranges.get(port) as BufferRange;
    this.#engine.device.queue.writeBuffer(buffer, offset, layout ? spread(data, shape, layout) : data);
  }

  /** An output as it stands; u32 values as numbers. */
  async read(port: string): Promise<Float32Array | Uint32Array> {
    const { shape, dtype } = this.#problem.node.outputs[port];
    const data = await readBack(this.#engine, this.#ranges.get(port) as BufferRange, this.#elementsOf(port, shape));
    const layout = this.#problem.layouts?.[port];
    const dense = layout ? gather(data, shape, layout) : data;
    return dtype === "u32" ? new Uint32Array(dense.buffer, dense.byteOffset, dense.length) : dense;
  }

  /** Compiles a candidate and binds it. Throws if the adapter cannot. */
  async prepare({ launches }: Lowering): Promise<Attempt> {
    return { launches: await Promise.all(launches.map((launch) => this.#prepareLaunch(launch))) };
  }

  async #prepareLaunch(launch: Launch): Promise<Attempt["launches"][number]> {
    const { device, target } = this.#engine;
    const { slots, params, spans = {}, workgroups } = launch;
    const shader = this.#engine.shader(launch.shader, { ...(slots && { slots }), ...(params && { params }) });
    const { pipeline, layout } = await this.#engine.compile(shader);
    const dims = withPlaces(launch, (port, span) => (this.#rangeOf(port).offset - this.#span(span).offset) / BYTES_PER_ELEMENT);
    const entries = shader.bindings.map(({ name, binding, access }) => {
      if (access === "uniform") return { binding, resource: { buffer: this.#uniform(packDims(shader, dims)) } };
      const { buffer, offset, bytes } = spans[name] ? this.#span(spans[name]) : this.#sliceOf(launch, name);
      if (bytes > target.maxBindingBytes)
        throw new Error(`"${name}" needs a binding of ${bytes} bytes, this adapter binds ${target.maxBindingBytes} at most`);
      return { binding, resource: { buffer, offset, size: bytes } };
    });
    return { pipeline, workgroups, bindings: device.createBindGroup({ label: `tuner ${shader.name}`, layout, entries }) };
  }

  #rangeOf(name: string): BufferRange {
    const range = this.#ranges.get(name);
    if (!range) throw new Error(`internal: there is no port or scratch "${name}"`);
    return range;
  }

  /** What a variable of a launch is bound to. */
  #sliceOf({ bind, slices }: Launch, name: string): BufferRange {
    const whole = this.#rangeOf(bind?.[name] ?? name);
    const slice = slices?.[name];
    if (!slice) return whole;
    const { first, count } = slice;
    return { ...whole, offset: whole.offset + first * BYTES_PER_ELEMENT, bytes: roundUp(count * BYTES_PER_ELEMENT, 16) };
  }

  /** The range of memory from the first of some states to the last. */
  #span(ports: readonly string[]): BufferRange {
    const ranges = ports.map((port) => this.#rangeOf(port));
    if (ranges.some(({ buffer }) => buffer !== ranges[0].buffer))
      throw new Error(`${ports.join(", ")} do not fit into one buffer of this adapter`);
    const offset = Math.min(...ranges.map((range) => range.offset));
    return { buffer: ranges[0].buffer, offset, bytes: Math.max(...ranges.map((range) => range.offset + range.bytes)) - offset };
  }

  #uniform(bytes: ArrayBuffer): GPUBuffer {
    const buffer = this.#engine.device.createBuffer({ label: "tuner dims", size: bytes.byteLength, usage: USAGE.uniform | USAGE.copyDst });
    this.#engine.device.queue.writeBuffer(buffer, 0, bytes);
    this.#buffers.push(buffer);
    return buffer;
  }

  /** Runs once on the given inputs, and waits. Throws the adapter's errors. */
  async run(attempt: Attempt): Promise<void> {
    this.#reset();
    this.#submit(attempt, 1);
    await this.#engine.idle();
  }

  #submit(attempt: Attempt, runs: number): void {
    const encoder = this.#engine.device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    record(pass, attempt, runs);
    pass.end();
    this.#engine.device.queue.submit([encoder.finish()]);
  }

  /** Microseconds of one run, as the mean of `runs` in a row: by the GPU's clock, or by the host's with more runs. */
  async time(attempt: Attempt, runs: number): Promise<number> {
    const engine = this.#engine;
    if (engine.device.features.has("timestamp-query")) {
      const [microseconds] = await timePasses(engine, [(pass) => record(pass, attempt, runs)]);
      return microseconds / runs;
    }
    for (let more = runs; ; more *= 4) {
      const start = engine.platform.now();
      this.#submit(attempt, more);
      await engine.idle();
      const milliseconds = engine.platform.now() - start;
      if (milliseconds >= LONG_ENOUGH_MS || more >= MOST_RUNS) return (1000 * milliseconds) / more;
    }
  }

  dispose(): void {
    for (const buffer of this.#buffers) buffer.destroy();
  }
}

function record(pass: GPUComputePassEncoder, { launches }: Attempt, runs: number): void {
  for (let run = 0; run < runs; run++) {
    for (const { pipeline, bindings, workgroups } of launches) {
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, bindings);
      pass.dispatchWorkgroups(...workgroups);
    }
  }
}

const unset = (shape: Shape, dtype: DType): Float32Array | Uint32Array =>
  dtype === "u32" ? new Uint32Array(sizeOf(shape)).fill(0xffffffff) : new Float32Array(sizeOf(shape)).fill(Number.NaN);

/** A dense array among the channels of a wider one, which are zero. */
function spread(data: Float32Array | Uint32Array, shape: Shape, { stride, first }: Layout): Float32Array | Uint32Array {
  const channels = shape[shape.length - 1];
  const pixels = data.length / channels;
  const wide = data instanceof Uint32Array ? new Uint32Array(pixels * stride) : new Float32Array(pixels * stride);
  for (let pixel = 0; pixel < pixels; pixel++) wide.set(data.subarray(pixel * channels, (pixel + 1) * channels), pixel * stride + first);
  return wide;
}

function gather(wide: Float32Array, shape: Shape, { stride, first }: Layout): Float32Array {
  const channels = shape[shape.length - 1];
  const data = new Float32Array(sizeOf(shape));
  for (let pixel = 0; pixel < data.length / channels; pixel++)
    data.set(wide.subarray(pixel * stride + first, pixel * stride + first + channels), pixel * channels);
  return data;
}

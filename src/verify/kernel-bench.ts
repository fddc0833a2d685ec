// A layer's launches on memory of their own, with seeded values: one of them can be exchanged for another kernel.
import { readParts, USAGE } from "../engine/buffers.ts";
import type { Engine } from "../engine/engine.ts";
import { mapPorts, type Array64, type Op, type TensorType } from "../graph/op.ts";
import type { KernelName } from "../kernels/index.ts";
import { ops } from "../ops/index.ts";
import { BYTES_PER_ELEMENT } from "../tensor/shape.ts";
import { caseOf, fill } from "./fill.ts";
import { boundOf } from "./launch-tolerance.ts";
import { wordsOf, type LaunchSetup, type SetupBinding, type SetupLaunch } from "./launch-setup.ts";

/** What a compiler says of a kernel. */
export interface CompilerMessage {
  readonly severity: "error" | "warning" | "info";
  readonly message: string;
  /** From 1; 0 where it names no place. */
  readonly line: number;
  readonly column: number;
}

/** A kernel that was compiled, and what it is bound to besides the launch's own memory. */
export interface BenchKernel {
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
  readonly bindings: readonly Pick<SetupBinding, "name" | "binding" | "access">[];
}

export interface Compiled {
  /** Null where it was refused. */
  readonly kernel: BenchKernel | null;
  readonly messages: readonly CompilerMessage[];
}

/** Kernels that were compiled on an engine, by text and bindings. */
const compiledOn = new WeakMap<Engine, Map<string, Compiled>>();
const MOST_COMPILED = 256;

/** The definition in float64 of every output, and how far float32 may be from it. */
export interface Definition {
  readonly exact: Readonly<Record<string, Float64Array>>;
  readonly bound: Readonly<Record<string, Float64Array>>;
}

/** The bits of a number that nobody stored: not a number, so that whoever reads it gives itself away. */
export const UNSTORED = 0x7fc0beef;

const definitions = new WeakMap<LaunchSetup, Definition>();

export class KernelBench implements Disposable {
  readonly engine: Engine;
  readonly setup: LaunchSetup;
  /** What lies in each region before a run. */
  readonly contents: readonly Uint32Array<ArrayBuffer>[];
  readonly #buffers: readonly GPUBuffer[];
  readonly #dims: readonly GPUBuffer[];
  readonly #inputs: Readonly<Record<string, Array64>>;

  constructor(engine: Engine, setup: LaunchSetup) {
    engine.check();
    this.engine = engine;
    this.setup = setup;
    this.contents = setup.regions.map((bytes) => new Uint32Array(bytes / BYTES_PER_ELEMENT).fill(UNSTORED));
    const filled = fill(caseOf({ op: opOf(setup), inputs: setup.inputs as never, attributes: setup.attributes }));
    for (const [port, place] of Object.entries(setup.inputPlaces)) {
      const bits = new Uint32Array(filled[port].buffer);
      wordsOf(place).forEach((word, i) => (this.contents[place.region][word] = bits[i]));
    }
    // As they lie there: two inputs may be one value.
    this.#inputs = mapPorts<TensorType, Array64>(setup.inputs, ({ shape, dtype }, port) => {
      const place = setup.inputPlaces[port];
      const words = place ? this.contents[place.region] : new Uint32Array(filled[port].buffer);
      const values = dtype === "u32" ? words : new Float32Array(words.buffer);
      const data = place ? Float64Array.from(wordsOf(place), (word) => values[word]) : Float64Array.from(values);
      return { shape, data };
    });
    this.#buffers = this.contents.map(({ byteLength }) => engine.createBuffer("bench", byteLength, STORAGE));
    this.#dims = setup.launches.map(({ dims }) => {
      const buffer = engine.createBuffer("bench", Math.max(16, dims.byteLength), USAGE.uniform | USAGE.copyDst);
      engine.device.queue.writeBuffer(buffer, 0, dims);
      return buffer;
    });
  }

  /** The launch that is meant. */
  get launch(): SetupLaunch {
    return this.setup.launches[this.setup.at];
  }

  /** Computed once for a setup, on the host: seconds for a large layer. */
  definition(): Definition {
    const known = definitions.get(this.setup);
    if (known) return known;
    const { setup } = this;
    const op = opOf(setup);
    const outputs = mapPorts<TensorType, TensorType>(setup.outputs, ({ shape, dtype }) => ({ shape, dtype }));
    const exact: Record<string, Float64Array> = op.reference(this.#inputs, setup.attributes, outputs);
    const bound = boundOf(
      setup.op as KernelName,
      setup.launches,
    )({ op, inputs: this.#inputs, attributes: setup.attributes, outputs, exact });
    definitions.set(setup, { exact, bound });
    return { exact, bound };
  }

  /** Compiles a kernel with the launch's bindings and `more` storage variables. Null, with the compiler's messages, where it is refused. */
  async compile(wgsl: string, launch: SetupLaunch = this.launch, more: BenchKernel["bindings"] = []): Promise<Compiled> {
    const bindings = [...launch.bindings, ...more];
    const key = [wgsl, ...bindings.map(({ binding, access }) => `${binding} ${access}`)].join("\n");
    const known = compiledOn.get(this.engine) ?? new Map<string, Compiled>();
    compiledOn.set(this.engine, known);
    const before = known.get(key);
    if (before) return before;
    const made = await this.#compile(wgsl, bindings);
    if (known.size >= MOST_COMPILED) known.clear();
    known.set(key, made);
    return made;
  }

  async #compile(wgsl: string, bindings: BenchKernel["bindings"]): Promise<Compiled> {
    const { device, platform } = this.engine;
    device.pushErrorScope("validation");
    const module = device.createShaderModule({ label: "trial", code: wgsl });
    const layout = device.createBindGroupLayout({
      label: "trial",
      entries: bindings.map(({ binding, access }) => ({
        binding,
        visibility: COMPUTE,
        buffer: { type: access === "uniform" ? "uniform" : access === "read" ? "read-only-storage" : "storage" },
      })),
    });
    const compiling = device.createComputePipelineAsync({
      label: "trial",
      layout: device.createPipelineLayout({ label: "trial", bindGroupLayouts: [layout] }),
      compute: { module, entryPoint: "main" },
    });
    const made = await platform.wait(
      compiling.then(
        (pipeline) => ({ pipeline, refusal: "" }),
        (error: unknown) => ({ pipeline: null, refusal: String(error) }),
      ),
    );
    const messages = (await platform.wait(module.getCompilationInfo())).messages.map(
      ({ type, message, lineNum, linePos }): CompilerMessage => ({ severity: type, message, line: lineNum, column: linePos }),
    );
    const refused = (await platform.wait(device.popErrorScope()))?.message;
    this.engine.check();
    if (made.pipeline && refused === undefined) return { kernel: { pipeline: made.pipeline, layout, bindings }, messages };
    if (!messages.some(({ severity }) => severity === "error"))
      messages.push({ severity: "error", message: refused ?? made.refusal, line: 0, column: 0 });
    return { kernel: null, messages };
  }

  /** Puts the seeded values back. */
  reset(): void {
    this.contents.forEach((words, i) => this.engine.device.queue.writeBuffer(this.#buffers[i], 0, words));
  }

  /** What runs a kernel in a pass, as the launch of this number; `instead` are other buffers for some of its variables. */
  recorder(kernel: BenchKernel, { at = this.setup.at, workgroups, instead = {} }: RunOptions = {}): (pass: GPUComputePassEncoder) => void {
    const launch = this.setup.launches[at];
    const group = this.engine.device.createBindGroup({
      label: "trial",
      layout: kernel.layout,
      entries: kernel.bindings.map(({ name, binding, access }) => {
        if (name in instead) return { binding, resource: { buffer: instead[name] } };
        if (access === "uniform") return { binding, resource: { buffer: this.#dims[at] } };
        const { region, offset, bytes } = launch.bindings.find((each) => each.name === name) as SetupBinding;
        return { binding, resource: { buffer: this.#buffers[region], offset, size: bytes } };
      }),
    });
    return (pass) => {
      pass.setPipeline(kernel.pipeline);
      pass.setBindGroup(0, group);
      pass.dispatchWorkgroups(...(workgroups ?? launch.workgroups));
    };
  }

  /** Submits passes. */
  submit(recorders: readonly ((pass: GPUComputePassEncoder) => void)[]): void {
    const encoder = this.engine.device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    for (const record of recorders) record(pass);
    pass.end();
    this.engine.device.queue.submit([encoder.finish()]);
  }

  /** The regions as they are now, in words. */
  async read(): Promise<Uint32Array[]> {
    const read = await readParts(
      this.engine,
      this.#buffers.map((buffer) => ({ buffer, offset: 0, bytes: buffer.size, elements: buffer.size / BYTES_PER_ELEMENT })),
    );
    return read.map(({ buffer }) => new Uint32Array(buffer));
  }

  [Symbol.dispose](): void {
    this.engine.free([...this.#buffers, ...this.#dims]);
  }
}

interface RunOptions {
  readonly at?: number;
  readonly workgroups?: readonly [number, number, number] | undefined;
  readonly instead?: Readonly<Record<string, GPUBuffer>>;
}

const opOf = ({ op }: LaunchSetup): Op => ops[op as KernelName];

const COMPUTE = 4;
export const STORAGE = USAGE.storage | USAGE.copySrc | USAGE.copyDst;

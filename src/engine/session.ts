// A session is a prepared graph: buffers, pipelines and bind groups are made once, then the plan is replayed step after step.
import type { Graph } from "../graph/graph.ts";
import type { Family, MathMode, Target } from "../kernels/kernel.ts";
import { familiesFor, type ChooseOptions } from "../kernels/choose.ts";
import { optimise, type PassName } from "../passes/index.ts";
import { sizeOf, type Shape } from "../tensor/shape.ts";
import { expectLength, readParts, States, USAGE, type BufferRange } from "./buffers.ts";
import type { Engine } from "./engine.ts";
import { Inputs } from "./inputs.ts";
import { packDims } from "./linker.ts";
import { plan, type Operand, type Plan, type PlannedLaunch, type Storage } from "./planner.ts";

export interface SessionOptions {
  /** Kernel families in order of preference; default: what suits the adapter and the math mode. */
  readonly families?: readonly Family[];
  /** "fast" allows kernels that compute other sums than the definitions say, with larger errors; default "exact". */
  readonly math?: MathMode;
  /** How values are stored that live between two kernels; default "f32". Sums, parameters and momenta are f32 always. */
  readonly storage?: Storage;
  /** Overrides of what the adapter offers, for tests of slices and of other machines. */
  readonly target?: Partial<Target>;
  /** Rewrites of the graph, by name; default: all. */
  readonly passes?: readonly PassName[];
  /** Joins launches of several layers on a GPU; default true. Without, each layer has launches of its own, which compute the same bits. */
  readonly joins?: boolean;
  /** What a tuner found best, by problem; default: the families' own rules. */
  readonly tuned?: ChooseOptions["tuned"];
  /** Parameters to share with other sessions; default: states of its own, zero at first. */
  readonly states?: States;
}

/** A plan for this engine, without preparing anything. */
export function planFor(
  engine: Engine,
  graph: Graph,
  { families, math, storage, target, passes, joins, tuned, states }: SessionOptions = {},
): Plan {
  const offered = { ...engine.target, ...target };
  return plan(optimise(graph, passes), {
    target: offered,
    ...(joins !== undefined && { joins }),
    ...(tuned && { tuned }),
    ...(states && { stateAllocations: states.allocations }),
    families: families ?? familiesFor(offered, math),
    maxBufferBytes: engine.device.limits.maxBufferSize,
    ...(storage === "f16" && { halves: engine.halves() }),
    link: ({ shader, slots, params }, halves) =>
      engine.shader(shader, { ...(slots && { slots }), ...(params && { params }), ...(halves && { halves }) }),
  });
}

interface Prepared {
  readonly planned: PlannedLaunch;
  readonly pipeline: GPUComputePipeline;
  readonly bindings: GPUBindGroup;
}

/** One launch of a profiled step. */
export interface LaunchTime {
  readonly planned: PlannedLaunch;
  readonly microseconds: number;
}

export class Session {
  readonly plan: Plan;
  readonly states: States;
  readonly #engine: Engine;
  readonly #inputs: Inputs;
  readonly #arenas: readonly GPUBuffer[];
  readonly #dims: GPUBuffer;
  readonly #prepared: readonly Prepared[];
  readonly #dimRanges: readonly BufferRange[];
  readonly #ownsStates: boolean;

  /** Plans and prepares a graph: compiles its pipelines, makes its buffers and bind groups. */
  static async open(engine: Engine, graph: Graph, options: SessionOptions = {}): Promise<Session> {
    engine.check();
    if (options.storage === "f16") await engine.loadHalves();
    const made = await engine.withShaders(() => planFor(engine, graph, options));
    const shaders = new Set(made.launches.map(({ shader }) => shader));
    const compiled = new Map(await Promise.all([...shaders].map(async (shader) => [shader, await engine.compile(shader)] as const)));
    return new Session(engine, made, compiled, options.states);
  }

  private constructor(
    engine: Engine,
    made: Plan,
    compiled: ReadonlyMap<object, { pipeline: GPUComputePipeline; layout: GPUBindGroupLayout }>,
    states?: States,
  ) {
    const { device } = engine;
    this.#engine = engine;
    this.plan = made;
    this.#ownsStates = !states;
    this.states = states ?? States.of(engine, made.graph);
    this.#arenas = made.arenas.map((size, i) => engine.createBuffer(`arena ${i}`, size, USAGE.storage | USAGE.copySrc | USAGE.copyDst));
    this.#inputs = new Inputs(engine, made.graph.inputs);

    // All Dims in one uniform buffer; launches with the same Dims share a slot.
    const { minUniformBufferOffsetAlignment: step } = device.limits;
    const slots = new Map<string, { offset: number; bytes: ArrayBuffer }>();
    let size = 0;
    const slotOf = (planned: PlannedLaunch): { offset: number; bytes: ArrayBuffer } => {
      const bytes = packDims(planned.shader, planned.launch.dims);
      const key = new Uint32Array(bytes).join(",");
      const known = slots.get(key);
      if (known) return known;
      const slot = { offset: size, bytes };
      size += Math.ceil(bytes.byteLength / step) * step;
      slots.set(key, slot);
      return slot;
    };
    const dimSlots = made.launches.map(slotOf);
    this.#dims = engine.createBuffer("dims", Math.max(size, 16), USAGE.uniform | USAGE.copyDst);
    for (const { offset, bytes } of slots.values()) device.queue.writeBuffer(this.#dims, offset, bytes);
    this.#dimRanges = dimSlots.map(({ offset, bytes }) => ({ buffer: this.#dims, offset, bytes: bytes.byteLength }));

    this.#prepared = made.launches.map((planned, i) => {
      const { pipeline, layout } = compiled.get(planned.shader) as { pipeline: GPUComputePipeline; layout: GPUBindGroupLayout };
      const entries = planned.shader.bindings.map(({ name, binding, access }) => {
        const { buffer, offset, bytes } = access === "uniform" ? this.#dimRanges[i] : this.range(planned.operands[name]);
        return { binding, resource: { buffer, offset, size: bytes } };
      });
      return {
        planned,
        pipeline,
        bindings: device.createBindGroup({ label: `${planned.node.label}: ${planned.shader.name}`, layout, entries }),
      };
    });
  }

  /** Memory of an operand of the plan. */
  range(operand: Operand): BufferRange {
    if (operand.in === "arena") return { buffer: this.#arenas[operand.arena], offset: operand.offset, bytes: operand.bytes };
    const whole = operand.in === "input" ? this.#inputs.range(operand.name) : this.states.range(operand.name);
    return { buffer: whole.buffer, offset: whole.offset + operand.offset, bytes: operand.bytes };
  }

  /** Memory of a launch's dimensions. */
  dimsOf(launch: number): BufferRange {
    return this.#dimRanges[launch];
  }

  /** Sets an input for the steps that follow. */
  feed(name: string, data: Float32Array | Uint32Array): void {
    this.#inputs.feed(name, data);
  }

  /** Submits one step; does not wait for it. */
  run(): void {
    this.#submit(this.#prepared);
  }

  /** Submits launches of a step, from one to before another; does not wait for them. */
  runPart(from: number, end: number): void {
    this.#submit(this.#prepared.slice(from, end));
  }

  /** Runs one step kernel by kernel and yields how many kernels, and launches of them, have run: many drivers compile a kernel when it first runs. */
  async *runByKernel(): AsyncGenerator<{ readonly kernels: number; readonly of: number; readonly launches: number }> {
    const of = new Set(this.#prepared.map(({ pipeline }) => pipeline)).size;
    const seen = new Set<GPUComputePipeline>();
    let from = 0;
    for (const [i, { pipeline }] of this.#prepared.entries()) {
      if (seen.has(pipeline)) continue;
      seen.add(pipeline);
      this.#submit(this.#prepared.slice(from, i + 1));
      from = i + 1;
      await this.#engine.idle();
      yield { kernels: seen.size, of, launches: from };
    }
    this.#submit(this.#prepared.slice(from));
  }

  #submit(launches: readonly Prepared[]): void {
    this.#inputs.flush();
    const encoder = this.#engine.device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    for (const prepared of launches) dispatch(pass, prepared);
    pass.end();
    this.#engine.device.queue.submit([encoder.finish()]);
  }

  /** Memory and shape of an output of the last step, dense in the engine's order. */
  output(output: string): BufferRange & { readonly shape: Shape } {
    const operand = this.plan.outputs.get(output);
    const value = this.plan.graph.outputs.get(output);
    if (!operand || !value) throw new Error(`there is no output "${output}"; this graph gives ${[...this.plan.outputs.keys()].join(", ")}`);
    return { ...this.range(operand), shape: value.shape };
  }

  /** Reads an output of the last step as float32, once it is done. */
  async read(output: string): Promise<Float32Array> {
    const [values] = await this.readAll([output]);
    return values;
  }

  /** Reads outputs of the last step as float32, once it is done. What is submitted later does not change them. */
  async readAll(outputs: readonly string[]): Promise<Float32Array[]> {
    return readParts(
      this.#engine,
      outputs.map((name) => {
        const { shape, ...range } = this.output(name);
        return { ...range, elements: sizeOf(shape) };
      }),
    );
  }

  async readState(name: string): Promise<Float32Array> {
    return this.states.read(name);
  }

  writeState(name: string, data: Float32Array): void {
    const { shape } = this.states.range(name);
    expectLength(`state "${name}"`, shape, data.length);
    this.states.write(name, data);
  }

  /** Runs one step with a pass and two timestamps a launch. The first such step also pays for what the driver compiles late. */
  async profile(): Promise<LaunchTime[]> {
    const { timePasses } = await import("./timestamps.ts");
    this.#inputs.flush();
    const recorders = this.#prepared.map((prepared) => (pass: GPUComputePassEncoder) => dispatch(pass, prepared));
    const times = await timePasses(this.#engine, recorders);
    return this.#prepared.map(({ planned }, i) => ({ planned, microseconds: times[i] }));
  }

  /** Frees the session's memory once what was submitted is done. Shared states stay. */
  dispose(): void {
    this.#engine.free([...this.#arenas, this.#dims]);
    this.#inputs.dispose();
    if (this.#ownsStates) this.states.dispose();
  }
}

function dispatch(pass: GPUComputePassEncoder, { planned, pipeline, bindings }: Prepared): void {
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, bindings);
  pass.dispatchWorkgroups(...planned.launch.workgroups);
}

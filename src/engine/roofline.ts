// What an adapter can do at most, measured and not looked up: multiply-adds and bytes per second, from two tiny kernels whose results are
// checked. Williams, Waterman and Patterson 2009, "Roofline: an insightful visual performance model for multicore architectures".
import { ceilDiv } from "../tensor/shape.ts";
import { readBack, USAGE } from "./buffers.ts";
import type { Engine } from "./engine.ts";
import { packDims, type LinkedShader } from "./linker.ts";
import { timePasses } from "./timestamps.ts";

/** The two roofs. A multiply-add counts as two operations, a copied byte as two: one read, one written. */
export interface Roofline {
  readonly gflops: number;
  readonly gigabytesPerSecond: number;
}

const measured = new WeakMap<Engine, Promise<Roofline>>();

/** The adapter's roofs: measured at the first call, which takes about a second, then remembered. */
export function rooflineOf(engine: Engine): Promise<Roofline> {
  const known = measured.get(engine);
  if (known) return known;
  const measuring = measureRoofline(engine);
  measured.set(engine, measuring);
  return measuring;
}

/** Measures the roofs anew: other work on the machine shows in them. */
export async function measureRoofline(engine: Engine): Promise<Roofline> {
  return { gflops: await measureArithmetic(engine), gigabytesPerSecond: await measureCopy(engine) };
}

const WORKGROUP = 64;
const REPEATS = 10;

/** Shares of the shader's loops: steps in a round, and values of an invocation that do not wait for each other. */
const STEPS = 8;
const VALUES = 16;
const INVOCATIONS = 2 ** 16;
/** A run this long drowns what starting it costs, and stays far from what a desktop's watchdog kills. */
const LONG_ENOUGH_US = 10_000;
const MOST_ROUNDS = 2 ** 14;

/** GFLOP/s of fused multiply-adds on registers. */
async function measureArithmetic(engine: Engine): Promise<number> {
  const shader = await engine.withShaders(() => engine.shader("roof-multiply-add.wgsl", { params: { WORKGROUP, STEPS } }));
  const y = storage(engine, "peak y", INVOCATIONS * 16);
  try {
    for (let rounds = 16; ; rounds *= 2) {
      const run = await prepare(engine, shader, { rounds, factor: 1, step: 1 }, { y });
      const best = await fastest(engine, run, INVOCATIONS / WORKGROUP);
      if (best < LONG_ENOUGH_US && rounds < MOST_ROUNDS) continue;
      const values = await readBack(engine, whole(y), INVOCATIONS * 4);
      const wanted = (rounds * STEPS * VALUES) / 4;
      const wrong = values.find((value) => value !== wanted);
      if (wrong !== undefined) throw new Error(`internal: the multiply-add kernel gave ${wrong}, expected ${wanted}`);
      return (2 * INVOCATIONS * rounds * STEPS * VALUES) / best / 1000;
    }
  } finally {
    y.destroy();
  }
}

/** More than caches hold: what is measured is memory. */
const COPY_BYTES = 2 ** 26;
const PATTERN_BYTES = 2 ** 22;
/** Vectors of 16 bytes that an invocation copies. */
const EACH = 4;

/** GB/s read and written. */
async function measureCopy(engine: Engine): Promise<number> {
  const { device, target } = engine;
  const bytes = Math.min(COPY_BYTES, target.maxBindingBytes);
  const shader = await engine.withShaders(() => engine.shader("roof-copy.wgsl", { params: { WORKGROUP, EACH } }));
  const x = storage(engine, "peak x", bytes);
  const y = storage(engine, "peak y", bytes);
  try {
    const pattern = Uint32Array.from({ length: PATTERN_BYTES / 4 }, (_, i) => i);
    for (let at = 0; at < bytes; at += PATTERN_BYTES) {
      pattern[0] = at;
      device.queue.writeBuffer(x, at, pattern);
    }
    const invocations = bytes / 16 / EACH;
    const best = await fastest(engine, await prepare(engine, shader, { invocations }, { x, y }), ceilDiv(invocations, WORKGROUP));
    const copied = new Uint32Array((await readBack(engine, whole(y), bytes / 4)).buffer);
    for (let i = 0; i < copied.length; i++) {
      const wanted = i % pattern.length === 0 ? i * 4 : i % pattern.length;
      if (copied[i] !== wanted) throw new Error(`internal: the copy kernel gave ${copied[i]} at ${i}, expected ${wanted}`);
    }
    return (2 * bytes) / best / 1000;
  } finally {
    x.destroy();
    y.destroy();
  }
}

const storage = (engine: Engine, label: string, size: number): GPUBuffer =>
  engine.device.createBuffer({ label, size, usage: USAGE.storage | USAGE.copySrc | USAGE.copyDst });

const whole = (buffer: GPUBuffer): { buffer: GPUBuffer; offset: number; bytes: number } => ({ buffer, offset: 0, bytes: buffer.size });

interface Ready {
  readonly pipeline: GPUComputePipeline;
  readonly bindings: GPUBindGroup;
  readonly dims: GPUBuffer;
}

async function prepare(
  engine: Engine,
  shader: LinkedShader,
  values: Readonly<Record<string, number>>,
  buffers: Readonly<Record<string, GPUBuffer>>,
): Promise<Ready> {
  const { device } = engine;
  const { pipeline, layout } = await engine.compile(shader);
  const packed = packDims(shader, values);
  const dims = device.createBuffer({ label: "peak dims", size: packed.byteLength, usage: USAGE.uniform | USAGE.copyDst });
  device.queue.writeBuffer(dims, 0, packed);
  const entries = shader.bindings.map(({ name, binding }) => ({ binding, resource: { buffer: name === "dims" ? dims : buffers[name] } }));
  return { pipeline, dims, bindings: device.createBindGroup({ label: shader.name, layout, entries }) };
}

/** The best of a few runs after one to warm up, in microseconds: a roof is what can be reached. */
async function fastest(engine: Engine, { pipeline, bindings, dims }: Ready, workgroups: number): Promise<number> {
  const record = (pass: GPUComputePassEncoder): void => {
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, bindings);
    pass.dispatchWorkgroups(workgroups);
  };
  await timePasses(engine, [record]);
  const times = await timePasses(
    engine,
    Array.from({ length: REPEATS }, () => record),
  );
  dims.destroy();
  return Math.min(...times);
}

// Kernels that no plan launches: those that look at a session's values and write a few numbers for the host.
import { USAGE, type BufferRange } from "./buffers.ts";
import type { Engine } from "./engine.ts";
import { packDims } from "./linker.ts";

/** One launch of a shader. */
export interface Dispatch {
  /** File of shaders/. */
  readonly file: string;
  readonly params?: Readonly<Record<string, number>>;
  readonly dims: Readonly<Record<string, number>>;
  /** Memory of its storage variables by name. Offsets are multiples of the adapter's alignment. */
  readonly bind: Readonly<Record<string, BufferRange>>;
  readonly workgroups: readonly [number, number, number];
}

/**
 * Submits launches in order, in one pass; does not wait for them. What earlier submissions write is there. `ready` runs once all is compiled, and throws where
 * memory that is bound was freed meanwhile.
 */
export async function dispatch(engine: Engine, launches: readonly Dispatch[], ready: () => void): Promise<void> {
  const { device } = engine;
  const shaders = await engine.withShaders(() => launches.map(({ file, params }) => engine.shader(file, params ? { params } : {})));
  const compiled = await Promise.all(shaders.map((shader) => engine.compile(shader)));
  engine.check();
  ready();
  const step = device.limits.minUniformBufferOffsetAlignment;
  const packed = launches.map(({ dims }, i) => packDims(shaders[i], dims));
  const dims = device.createBuffer({ label: "dims", size: Math.max(1, launches.length) * step, usage: USAGE.uniform | USAGE.copyDst });
  packed.forEach((bytes, i) => device.queue.writeBuffer(dims, i * step, bytes));
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  launches.forEach(({ bind, workgroups }, i) => {
    const { pipeline, layout } = compiled[i];
    const entries = shaders[i].bindings.map(({ name, binding, access }) => {
      const uniform = { buffer: dims, offset: i * step, bytes: packed[i].byteLength };
      const { buffer, offset, bytes } = access === "uniform" ? uniform : bind[name];
      return { binding, resource: { buffer, offset, size: bytes } };
    });
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, device.createBindGroup({ label: shaders[i].name, layout, entries }));
    pass.dispatchWorkgroups(...workgroups);
  });
  pass.end();
  device.queue.submit([encoder.finish()]);
  dims.destroy();
}

/** Memory for results, 0 at first, which `work` fills and reads; it is freed after that. */
export async function withScratch<T>(
  engine: Engine,
  elements: readonly number[],
  work: (ranges: readonly BufferRange[]) => Promise<T>,
): Promise<T> {
  const buffers = elements.map((count) =>
    engine.device.createBuffer({ label: "scratch", size: Math.max(count, 4) * 4, usage: USAGE.storage | USAGE.copySrc }),
  );
  try {
    return await work(buffers.map((buffer) => ({ buffer, offset: 0, bytes: buffer.size })));
  } finally {
    for (const buffer of buffers) buffer.destroy();
  }
}

// The GPU's own clock: how long each of a list of compute passes took.
import { readBack, USAGE } from "./buffers.ts";
import type { Engine } from "./engine.ts";

/** WebGPU's largest query set holds 4096 timestamps, two a pass. */
const PASSES_AT_ONCE = 2048;

/** Throws where launches cannot be timed one by one: worth asking before minutes of compiling. */
export function requireTimestamps({ device, adapterName }: Pick<Engine, "device" | "adapterName">): void {
  if (!device.features.has("timestamp-query"))
    throw new Error(
      `${adapterName}: this device has no timestamp queries, so launches cannot be timed one by one: open it with timestamps, or use another adapter`,
    );
}

/**
 * Runs a pass for each recorder, one after another, and gives their durations in microseconds once all are done. The first run of a pipeline
 * also pays for what the driver compiles late.
 */
export async function timePasses(engine: Engine, recorders: readonly ((pass: GPUComputePassEncoder) => void)[]): Promise<number[]> {
  requireTimestamps(engine);
  const microseconds: number[] = [];
  for (let first = 0; first < recorders.length; first += PASSES_AT_ONCE) {
    microseconds.push(...(await timeSome(engine, recorders.slice(first, first + PASSES_AT_ONCE))));
  }
  return microseconds;
}

async function timeSome(engine: Engine, recorders: readonly ((pass: GPUComputePassEncoder) => void)[]): Promise<number[]> {
  const { device, platform } = engine;
  const count = recorders.length * 2;
  const querySet = device.createQuerySet({ type: "timestamp", count });
  const resolved = device.createBuffer({ label: "timestamps", size: count * 8, usage: USAGE.queryResolve | USAGE.copySrc });
  try {
    const encoder = device.createCommandEncoder();
    recorders.forEach((record, i) => {
      const timestampWrites = { querySet, beginningOfPassWriteIndex: 2 * i, endOfPassWriteIndex: 2 * i + 1 };
      const pass = encoder.beginComputePass({ timestampWrites });
      record(pass);
      pass.end();
    });
    encoder.resolveQuerySet(querySet, 0, count, resolved, 0);
    device.queue.submit([encoder.finish()]);
    await platform.wait(device.queue.onSubmittedWorkDone());
    const words = await readBack(engine, { buffer: resolved, offset: 0, bytes: count * 8 }, count * 2);
    const nanoseconds = new BigUint64Array(words.buffer);
    return recorders.map((_, i) => Number(nanoseconds[2 * i + 1] - nanoseconds[2 * i]) / 1000);
  } finally {
    querySet.destroy();
    resolved.destroy();
  }
}

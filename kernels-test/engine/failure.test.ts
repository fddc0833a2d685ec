// What a device that fails is made to say. Dawn goes on in silence after a loss and after a refused command, so the engine keeps both in mind.
import { afterAll, describe, expect, test } from "vitest";
import { DeviceLost, Engine, openEngine } from "../../src/engine/engine.ts";
import { States } from "../../src/engine/buffers.ts";
import { Session } from "../../src/engine/session.ts";
import { Graph } from "../../src/graph/graph.ts";
import { relu } from "../../src/ops/relu.ts";
import type { Platform } from "../../src/platform/platform.ts";
import { testPlatform } from "../support/adapter.ts";
import { testEngine } from "../support/engine.ts";

const opened: Engine[] = [];

/** An engine of this test's own, to be broken. */
async function ownEngine(change: Partial<Platform> = {}): Promise<Engine> {
  const engine = await openEngine({ ...(await testPlatform()), ...change });
  opened.push(engine);
  return engine;
}

afterAll(() => opened.forEach((engine) => engine.dispose()));

function reluGraph(): Graph {
  const graph = new Graph();
  graph.output("y", graph.add(relu, { x: graph.input("x", [8]) }, {}, "relu").y);
  return graph;
}

describe("a lost device", () => {
  test("is reported by the next check, reading and session, although Dawn throws nothing", async () => {
    const engine = await ownEngine();
    const session = await Session.open(engine, reluGraph());
    session.feed("x", new Float32Array(8).fill(-1));
    session.run();
    expect([...(await session.read("y"))]).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);

    engine.device.destroy();
    await engine.device.lost;
    expect(() => session.run()).not.toThrow();
    const lost = new DeviceLost("the GPU device was lost (it was destroyed)");
    expect(() => engine.check()).toThrow(lost);
    await expect(engine.idle()).rejects.toThrow(lost);
    await expect(session.read("y")).rejects.toThrow(lost);
    await expect(Session.open(engine, reluGraph())).rejects.toThrow(lost);
  });

  test("is not what its owner has disposed of", async () => {
    const engine = await ownEngine();
    engine.dispose();
    await engine.device.lost;
    expect(() => engine.check()).toThrow("the GPU device was disposed of");
  });

  test("says why, where the driver gave a reason", async () => {
    const { platform, device, info } = await testEngine();
    const lost: GPUDeviceLostInfo = { __brand: "GPUDeviceLostInfo", reason: "unknown", message: "the driver was reset" };
    const proxy = new Proxy(device, {
      get: (target, name) => {
        if (name === "lost") return Promise.resolve(lost);
        const value: unknown = Reflect.get(target, name);
        return typeof value === "function" ? (value.bind(target) as unknown) : value;
      },
    });
    const engine = new Engine(platform, proxy, info);
    expect(() => engine.check()).not.toThrow();
    await Promise.resolve();
    expect(() => engine.check()).toThrow(new DeviceLost("the GPU device was lost (the driver was reset)"));
  });
});

test("a command that the adapter refused is reported by the next check, and only once", async () => {
  const engine = await ownEngine();
  const { device } = engine;
  const buffer = device.createBuffer({ label: "too small", size: 16, usage: GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST });
  const encoder = device.createCommandEncoder();
  encoder.copyBufferToBuffer(buffer, 0, buffer, 8, 64);
  device.queue.submit([encoder.finish()]);
  await expect(engine.idle()).rejects.toThrow(/internal: the GPU refused a command\n.*too small/s);
  await expect(engine.idle()).resolves.toBeUndefined();
});

test("a shader that does not compile is reported with its file and line", async () => {
  const platform = await testPlatform();
  const shader = (name: string): string =>
    name === "relu.wgsl" ? `//#include "lib/broken.wgsl"\n${platform.shader(name)}` : `// fine\nfn broken() -> u32 { return 1.5; }\n`;
  const engine = await ownEngine({ shader });
  await expect(Session.open(engine, reluGraph(), { families: ["textbook"] })).rejects.toThrow(
    /internal: relu.* does not compile\n {2}shaders\/lib\/broken\.wgsl:2:\d+: /,
  );
});

test("without an adapter the advice is the platform's", async () => {
  const gpu = { requestAdapter: () => Promise.resolve(null) } as unknown as GPU;
  await expect(ownEngine({ gpu, adapterAdvice: "No adapter: install a driver." })).rejects.toThrow(/^No adapter: install a driver\.$/);
});

test("a state that no buffer holds is named before anything is made", async () => {
  const engine = await testEngine();
  const elements = engine.device.limits.maxBufferSize / 4 + 1024;
  expect(() => new States(engine, [{ name: "fc6/weight", shape: [elements], dtype: "f32" }])).toThrow(
    /state "fc6\/weight" needs \d+ bytes, but this adapter's buffers are limited to \d+: use a smaller width/,
  );
  engine.check();
});

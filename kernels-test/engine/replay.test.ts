// A session is prepared once and replayed: with new inputs it gives new results and nothing of the old, and a step makes no GPU object.
import { expect, test, vi } from "vitest";
import { States } from "../../src/engine/buffers.ts";
import { Session, type SessionOptions } from "../../src/engine/session.ts";
import type { Graph } from "../../src/graph/graph.ts";
import { googlenet } from "../../src/models/googlenet.ts";
import { philox } from "../../src/tensor/philox.ts";
import { MEAN, storedSize } from "../../src/train/graphs.ts";
import { startGraph, trainingGraph } from "../../src/train/training-graphs.ts";
import { rateFloats, randomWords } from "../../src/train/step-inputs.ts";
import { testEngine } from "../support/engine.ts";

const SIZE = 64;
const STORED = storedSize(googlenet, SIZE);
const options = { network: googlenet, classes: 3, width: 1 / 8, size: SIZE, batch: 2, momentum: 0.9, weightDecay: 5e-4 };
const { graph } = trainingGraph(options);

type Inputs = Readonly<Record<string, Float32Array | Uint32Array>>;

/** Everything that changes from step to step is another in every step. */
const inputsOf = (step: number): Inputs => ({
  pixels: Uint32Array.from({ length: 2 * STORED * STORED }, (_, i) => philox([11, step], [i, 0, 0, 9])[0] & 0xffffff),
  placement: Uint32Array.of(step % 5, step % 3, step % 2, 0, step % 4, step % 7, (step + 1) % 2, 0),
  labels: Uint32Array.of(step % 3, (step + 1) % 3),
  random: randomWords(11, step),
  rate: rateFloats(0.01 / (step + 1)),
});

function submit(session: Session, inputs: Inputs): void {
  for (const [name, data] of Object.entries(inputs)) session.feed(name, data);
  session.run();
}

const newStates = async (graph: Graph): Promise<States> => States.of(await testEngine(), graph);

/** Parameters at their start, momentum and sums at zero. */
async function started(): Promise<States> {
  const states = await newStates(graph);
  const session = await open(startGraph(options).graph, { states });
  submit(session, { random: randomWords(11, 0) });
  states.write(MEAN, Float32Array.of(104, 117, 123, 0));
  await (await testEngine()).idle();
  session.dispose();
  return states;
}

const open = async (graph: Graph, options: SessionOptions): Promise<Session> => Session.open(await testEngine(), graph, options);

async function bitsOf(states: States): Promise<Record<string, string>> {
  const bits: Record<string, string> = {};
  for (const name of states.names) bits[name] = Buffer.from((await states.read(name)).buffer).toString("base64");
  return bits;
}

test("a session that is replayed leaves the bits of sessions that are made anew for every step", async () => {
  const [kept, fresh] = [await started(), await started()];
  const session = await open(graph, { states: kept });
  for (let step = 0; step < 4; step++) submit(session, inputsOf(step));
  for (let step = 0; step < 4; step++) {
    const once = await open(graph, { states: fresh });
    submit(once, inputsOf(step));
    await (await testEngine()).idle();
    once.dispose();
  }
  expect(await bitsOf(kept)).toEqual(await bitsOf(fresh));
  session.dispose();
  for (const states of [kept, fresh]) states.dispose();
});

test("a step with progress per kernel gives the same result, and reports every kernel", async () => {
  const [whole, told] = [await started(), await started()];
  const [a, b] = [await open(graph, { states: whole }), await open(graph, { states: told })];
  submit(a, inputsOf(0));
  for (const [name, data] of Object.entries(inputsOf(0))) b.feed(name, data);
  const steps: number[] = [];
  for await (const { kernels, of } of b.runByKernel()) {
    steps.push(kernels);
    expect(of).toBe(new Set(b.plan.launches.map(({ shader }) => shader)).size);
  }
  expect(steps).toEqual(steps.map((_, i) => i + 1));
  expect(steps.length).toBeGreaterThan(10);
  expect(await bitsOf(told)).toEqual(await bitsOf(whole));
  for (const session of [a, b]) session.dispose();
  for (const states of [whole, told]) states.dispose();
});

test("a step writes its pixels, and all else that changes at once", async () => {
  const { device } = await testEngine();
  const states = await started();
  const session = await open(graph, { states });
  const write = vi.spyOn(device.queue, "writeBuffer");
  submit(session, inputsOf(0));
  expect(write).toHaveBeenCalledTimes(2);
  write.mockRestore();
  await (await testEngine()).idle();
  session.dispose();
  states.dispose();
});

test.each(Object.keys(inputsOf(0)))("a stale %s would be seen: the step depends on it", async (stale) => {
  const [right, wrong] = [await started(), await started()];
  const [a, b] = [await open(graph, { states: right }), await open(graph, { states: wrong })];
  submit(a, inputsOf(1));
  submit(b, { ...inputsOf(1), [stale]: inputsOf(0)[stale] });
  const parameter = "inception_3a/1x1/weight";
  expect(await wrong.read(parameter)).not.toEqual(await right.read(parameter));
  for (const session of [a, b]) session.dispose();
  for (const states of [right, wrong]) states.dispose();
});

test("a step makes no GPU object but its command encoder", async () => {
  const { device } = await testEngine();
  const states = await started();
  const session = await open(graph, { states });
  submit(session, inputsOf(0));
  const makers = makersOf(device).map((name) => ({ name, spy: vi.spyOn(device, name as "createBuffer") }));
  for (let step = 1; step < 4; step++) submit(session, inputsOf(step));
  const made = makers.flatMap(({ name, spy }) => spy.mock.calls.map(() => name));
  for (const { spy } of makers) spy.mockRestore();
  expect(makers.length).toBeGreaterThan(8);
  expect(made).toEqual(["createCommandEncoder", "createCommandEncoder", "createCommandEncoder"]);
  await (await testEngine()).idle();
  session.dispose();
  states.dispose();
});

/** Methods of a device that make something. */
function makersOf(device: GPUDevice): string[] {
  const names = new Set<string>();
  for (let at: object | null = device; at && at !== Object.prototype; at = Object.getPrototypeOf(at) as object | null)
    for (const name of Object.getOwnPropertyNames(at)) if (name.startsWith("create")) names.add(name);
  return [...names];
}

test("an unknown input, output or state is reported with the known names", async () => {
  const session = await open(startGraph(options).graph, {});
  expect(() => session.feed("rates", Float32Array.of(1))).toThrow('there is no input "rates"; this graph takes random, data');
  expect(() => session.feed("random", Uint32Array.of(1))).toThrow('input "random" takes 4 values, got 1');
  await expect(session.read("p")).rejects.toThrow('there is no output "p"');
  expect(() => session.writeState("conv1/7x7_s2/bias", new Float32Array(3))).toThrow('state "conv1/7x7_s2/bias" [8] takes 8 values, got 3');
  session.dispose();
});

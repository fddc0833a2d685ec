// The client of the worker that tries kernels: a kernel that gives no answer is ended with its worker, and the next call has another.
import { afterEach, beforeEach, expect, test } from "vitest";
import type { LaunchSetup } from "striatum/inspect";
import { TrialClient } from "./trial-client.ts";
import type { TrialAnswer, TrialCall } from "./trial-protocol.ts";

const SETUP = {} as LaunchSetup;

/** A worker that answers calls whose kernel says so, and no others. */
class FakeWorker {
  static readonly all: FakeWorker[] = [];
  isEnded = false;
  #listen: ((event: { readonly data: TrialAnswer }) => void) | null = null;

  constructor() {
    FakeWorker.all.push(this);
  }

  addEventListener(kind: string, listener: (event: { readonly data: TrialAnswer }) => void): void {
    if (kind !== "message") return;
    this.#listen = listener;
    queueMicrotask(() => listener({ data: { ready: true } }));
  }

  postMessage({ id, options }: TrialCall): void {
    const { wgsl = "" } = options;
    if (wgsl === "hang") return;
    const answer: TrialAnswer = wgsl === "fail" ? { id, error: "the device was lost" } : { id, result: { right: true } as never };
    queueMicrotask(() => this.isEnded || this.#listen?.({ data: answer }));
  }

  terminate(): void {
    this.isEnded = true;
  }
}

const before = Object.getOwnPropertyDescriptor(globalThis, "Worker");
beforeEach(() => {
  FakeWorker.all.length = 0;
  Object.defineProperty(globalThis, "Worker", { value: FakeWorker, configurable: true });
});
afterEach(() => {
  if (before) Object.defineProperty(globalThis, "Worker", before);
  else Reflect.deleteProperty(globalThis, "Worker");
});

test("calls are answered one after the other by one worker", async () => {
  const client = new TrialClient(10);
  expect(await Promise.all([client.try(SETUP, { wgsl: "a" }), client.try(SETUP, { wgsl: "b" })])).toEqual([
    { right: true },
    { right: true },
  ]);
  await expect(client.try(SETUP, { wgsl: "fail" })).rejects.toThrow("the device was lost");
  expect(FakeWorker.all).toHaveLength(1);
  client.stop();
});

test("one that gives no answer in time is ended with its worker, and the next has another", async () => {
  const client = new TrialClient(0.05);
  const hanging = client.try(SETUP, { wgsl: "hang" });
  const next = client.try(SETUP, { wgsl: "a" });
  await expect(hanging).rejects.toThrow("The kernel gave no answer within 0.05 s.");
  expect(await next).toEqual({ right: true });
  expect(FakeWorker.all.map(({ isEnded }) => isEnded)).toEqual([true, false]);
  client.stop();
});

test("stopping ends what runs", async () => {
  const client = new TrialClient(10);
  const hanging = client.try(SETUP, { wgsl: "hang" });
  await new Promise((resolve) => setTimeout(resolve, 10));
  client.stop();
  await expect(hanging).rejects.toThrow("Stopped.");
  expect(FakeWorker.all[0].isEnded).toBe(true);
});

// What is done where a device is lost, on engines that are none: opened again twice within ten minutes, and given up with advice then.
import { expect, test } from "vitest";
import { DeviceLost } from "../engine/engine.ts";
import { TryAgain } from "../platform/try-again.ts";
import { Engines, surviving, type Losable } from "./surviving.ts";

class FakeEngine implements Losable {
  disposed = false;
  lose: () => void = () => undefined;
  readonly device = { lost: new Promise<void>((resolve) => (this.lose = resolve)) };
  readonly adapterName: string;
  constructor(adapterName = "gpu") {
    this.adapterName = adapterName;
  }
  dispose(): void {
    this.disposed = true;
  }
}

/** Runs work that loses its device at each of these times, then ends; what it said, how it ended, and the engines that were opened. */
async function run(lossesAt: readonly number[], open: (opened: number) => FakeEngine = () => new FakeEngine()) {
  const opened: FakeEngine[] = [];
  const first = new FakeEngine();
  const opening = async (): Promise<FakeEngine> => {
    const engine = open(opened.length);
    opened.push(engine);
    return engine;
  };
  const engines = new Engines(opening, { first, pausesMs: [0, 0] });
  let now = 0;
  const left = [...lossesAt];
  const events = surviving(engines, { now: () => now }, async function* () {
    const engine = await engines.current();
    const at = left.shift();
    if (at === undefined) return `done on ${engine === first ? "the first" : opened.indexOf(engine)}`;
    yield { kind: "note" as const, text: "works" };
    now = at;
    engine.lose();
    throw new DeviceLost("the GPU device was lost (reset)");
  });
  const told: string[] = [];
  try {
    for (;;) {
      const { done, value } = await events.next();
      if (done === true) return { told, result: value, first, opened, engines };
      if (value.kind === "note") told.push(value.text);
    }
  } catch (error) {
    return { told, result: error as Error, first, opened, engines };
  }
}

const AGAIN = "the GPU device was lost (reset): it was opened again, and the run goes on from its last checkpoint";

test("two losses are survived, and said", async () => {
  const { told, result, first, opened, engines } = await run([1000, 2000]);
  expect(result).toBe("done on 1");
  expect(told).toEqual(["works", AGAIN, "works", AGAIN]);
  await engines.dispose();
  expect(opened[1].disposed).toBe(true);
  expect(first.disposed).toBe(false);
});

test("the third within ten minutes ends the run, one after that does not", async () => {
  const minute = 60_000;
  const { result } = await run([minute, 2 * minute, 10 * minute]);
  expect(result).toBeInstanceOf(TryAgain);
  expect((result as Error).message).toContain("the GPU device was lost 3 times within ten minutes: run the same command again");
  expect((await run([minute, 2 * minute, 11.5 * minute, 13 * minute])).result).toBe("done on 3");
});

test("where no device opens, or another adapter's, the advice is to run the same command again", async () => {
  const none = await run([1], () => {
    throw new Error("No WebGPU adapter was found.\nRun setup");
  });
  expect(none.result).toBeInstanceOf(TryAgain);
  expect((none.result as Error).message).toBe(
    "the GPU device was lost (gpu), and none could be opened in its place (No WebGPU adapter was found.): run the same command again to go on from the last checkpoint",
  );
  const other = await run([1], () => new FakeEngine("llvmpipe"));
  expect((other.result as Error).message).toContain("(another adapter answers, whose bits are others: llvmpipe)");
  expect(other.opened.every(({ disposed }) => disposed)).toBe(true);
  expect((await run([1], (opened) => new FakeEngine(opened === 0 ? "llvmpipe" : "gpu"))).result).toBe("done on 1");
});

test("any other error is passed on, also what fails because its owner has disposed of the device", async () => {
  const engines = new Engines(() => Promise.resolve(new FakeEngine()));
  const events = surviving(engines, { now: () => 0 }, async function* () {
    await engines.current();
    yield { kind: "note" as const, text: "works" };
    throw new Error("a bug");
  });
  await events.next();
  await expect(events.next()).rejects.toThrow("a bug");
});

test("an error that a loss has caused counts as the loss", async () => {
  const engine = new FakeEngine();
  const engines = new Engines(() => Promise.resolve(new FakeEngine()), { first: engine });
  let tries = 0;
  const events = surviving(engines, { now: () => 0 }, async function* () {
    yield { kind: "note" as const, text: "works" };
    if (tries++ > 0) return "done";
    engine.lose();
    throw new Error("a buffer cannot be mapped");
  });
  expect((await events.next()).value).toEqual({ kind: "note", text: "works" });
  expect((await events.next()).value).toEqual({
    kind: "note",
    text: "the GPU device was lost: it was opened again, and the run goes on from its last checkpoint",
  });
  await events.next();
  expect(await events.next()).toEqual({ done: true, value: "done" });
});

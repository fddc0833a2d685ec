// The fuzzer itself: it finds faults that are planted, makes their inputs small, and makes every input again from its number.
import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { attempt, inputOf, type Fault } from "./attempts.ts";
import { campaign } from "./campaign.ts";
import { FILE, judge } from "./judge.ts";
import { minimise } from "./minimise.ts";
import { mutateBytes } from "./mutate-bytes.ts";
import { seed, target, type Target } from "./target.ts";
import { TARGETS } from "./targets.ts";

const reading = (read: Target["read"], wrong?: () => string | null): Target =>
  target({ seeds: [seed("zeros", new Uint8Array(64))], mutate: mutateBytes, read, ...(wrong && { wrong }) });
const refusing = (error: unknown): Target => reading(() => Promise.reject(error));
const faultOf = async (planted: Target): Promise<unknown> => judge(planted, new Uint8Array(3));

describe("a fault is", () => {
  test.each([
    ["what is no Error", refusing("text"), "throws what is no Error: text"],
    ["an error of the language", refusing(new TypeError(`${FILE}: x of 3`)), `TypeError: ${FILE}: x of N`],
    ["an error that does not name the file", refusing(new Error("bad")), "the error does not name the file: bad"],
    ["the language's words", refusing(new Error(`${FILE}: Cannot read properties of null`)), /^the error has the language's words/],
    [
      "an accepted input that is wrong",
      reading(
        async () => 1,
        () => "odd",
      ),
      "accepted: odd",
    ],
  ])("%s", async (_, planted, fault) => {
    expect(await faultOf(planted)).toEqual({ fault: fault instanceof RegExp ? expect.stringMatching(fault) : fault });
  });

  test("a changed prototype, which is put right again", async () => {
    const polluting = reading(async (bytes) => Object.assign(Object.prototype, { planted: bytes.length }));
    expect(await faultOf(polluting)).toEqual({ fault: "a prototype has a new property" });
    expect(({} as { planted?: number }).planted).toBeUndefined();
  });

  test("a long time, and neither a refusal in words nor an accepted input", async () => {
    const slow = reading(() => pause(300));
    expect(await judge(slow, new Uint8Array(3), 250)).toEqual({ fault: "takes over 0.25 s" });
    expect(await judge(slow, new Uint8Array(3))).toBe("accepted");
    expect(await faultOf(refusing(new Error(`${FILE}: is no picture`)))).toBe("refused");
    expect(await faultOf(reading(async () => 1))).toBe("accepted");
  });
});

test("a planted fault is found once, small, and again from its number", async () => {
  // Any 255 behind a first byte of 0.
  const planted = reading(async (bytes) => {
    if (bytes[0] === 0 && bytes.includes(255)) throw new RangeError("planted");
  });
  const found: Fault[] = [];
  const tally = await attempt(planted, { name: "planted", seed: 5, from: 0, to: 300, limitMs: 60_000 }, (fault) => found.push(fault));
  expect(found.map(({ fault, input }) => [fault, [...input]])).toEqual([["RangeError: planted", [0, 255]]]);
  expect(tally.tries).toBe(300);
  const again = inputOf(planted, "planted", 5, found[0].index);
  expect(await judge(planted, again)).toEqual({ fault: "RangeError: planted" });
  expect(inputOf(planted, "planted", 6, found[0].index)).not.toEqual(again);
});

test("what is left out of an input is what the fault does not need", async () => {
  const input = Uint8Array.from({ length: 1000 }, (_, i) => i % 251);
  const small = await minimise(input, async (bytes) => bytes.indexOf(7) >= 0 && bytes.indexOf(200, bytes.indexOf(7)) >= 0);
  expect([...small]).toEqual([7, 200]);
});

test("every target accepts its seeds, makes other inputs of them, and nothing of it is left to chance", async () => {
  for (const [name, make] of Object.entries(TARGETS)) {
    const made = await make();
    for (const { name: of, bytes } of made.seeds) expect(await judge(made, bytes), `${name}, ${of}`).toBe("accepted");
    const inputs = (number: number): string[] =>
      Array.from({ length: 20 }, (_, i) => Buffer.from(inputOf(made, name, number, i)).toString("base64"));
    expect(inputs(1), name).toEqual(inputs(1));
    expect(new Set(inputs(1)).size, name).toBeGreaterThan(12);
  }
});

test("a long time that does not come again is the machine's, and one that does is a fault", async () => {
  let reads = 0;
  const once = reading(async () => void (reads++ === 0 && (await pause(300))));
  const found: Fault[] = [];
  const range = { seed: 5, from: 0, to: 2, limitMs: 60_000, slowMs: 250 };
  const tally = await attempt(once, { ...range, name: "slow once" }, (fault) => found.push(fault));
  expect(tally).toMatchObject({ tries: 2, accepted: 2 });
  await attempt(
    reading(() => pause(300)),
    { ...range, name: "slow" },
    (fault) => found.push(fault),
  );
  expect(found.map(({ target, fault }) => [target, fault])).toEqual([["slow", "takes over 0.25 s"]]);
});

test("a try that stands still twice and one that ends the process are faults, and the tries after them are made", async () => {
  const child = new URL("./stuck-child.ts", import.meta.url);
  const { faults, tallies } = await campaign(1, [{ name: "labels", from: 0, tries: 9, limitMs: 1000 }], { child, stillMs: 1000 });
  expect(faults.map(({ index, fault }) => [index, fault.slice(0, 30)])).toEqual([
    [0, "stands still for 1 s"],
    [1, expect.stringMatching(/^ends the process \(SIGABRT/)],
  ]);
  expect(tallies.get("labels")).toMatchObject({ tries: 9, accepted: 7 });
});

test("a try that stands still once, as where the process was suspended, is made again and is no fault", async () => {
  const child = new URL("./stuck-child.ts", import.meta.url);
  const wanted = [{ name: "labels", from: 2, tries: 9, limitMs: 1000 }];
  const { faults, tallies } = await campaign(1, wanted, { child, stillMs: 1000 });
  expect(faults).toEqual([]);
  expect(tallies.get("labels")).toMatchObject({ tries: 9, accepted: 9 });
});

// The crash run itself: it kills a program and its children, counts that, and finds what a program loses.
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { Draws } from "../fuzz/draws.ts";
import { chain, reference, type ChainResult, type Subject } from "./chain.ts";
import { run } from "./killing.ts";

const scratch = mkdtempSync(join(tmpdir(), "striatum-crash-test-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const program = fileURLToPath(new URL("counting.mjs", import.meta.url));
const counting = (fault: string): Subject => ({
  name: fault,
  command: (out) => [program, out, fault],
  processes: 1,
  differs: /run\.json$/,
});

async function killed(fault: string, how: Partial<Subject> = {}): Promise<ChainResult & { readonly out: string }> {
  const subject = { ...counting(fault), ...how };
  const out = mkdtempSync(join(scratch, fault));
  const known = await reference(subject, `${out}-undisturbed`);
  return { ...(await chain(subject, { out, kills: 3, draws: new Draws(fault, 1, 0), known, moment: () => ({ atChange: 4 }) })), out };
}

test("a program that loses nothing is killed as often as wanted, and its folder is removed", async () => {
  const { kills, lost, out } = await killed("nothing");
  expect({ kills, lost, kept: existsSync(out) }).toEqual({ kills: 3, lost: null, kept: false });
});

test.each([
  ["forgets", "other bits: done.txt, state.json"],
  ["leaves", "left behind: left.partial"],
  ["fails", expect.stringMatching(/^exit code 1: [^]*it is here already/)],
])("a program that %s has lost something, which is named, and its folder is kept", async (fault, what) => {
  const { lost, out } = await killed(fault);
  expect(lost).toEqual(what);
  expect(existsSync(out)).toBe(true);
});

test("one whole file more of a kind of which the last counts is no loss", async () => {
  expect((await killed("stops")).lost).toBe("left behind: step-1.txt");
  expect((await killed("stops", { lastOfFolder: /step-\d\.txt$/ })).lost).toBe(null);
});

/** Starts another Node in a process group of its own, and both wait. */
const PARENT = `
  const child = require("node:child_process").spawn(process.execPath, ["-e", "setInterval(() => 0, 1000)"], { detached: true, stdio: "ignore" });
  process.on("exit", () => child.kill());
  child.on("close", () => process.exit(7));
  setInterval(() => 0, 1000);
`;

test.each([
  ["all", 2, null],
  ["other", 1, 7],
] as const)("of a program with a child, %s are killed", async (victims, count, code) => {
  const ended = await run(["-e", PARENT], { moment: { afterMs: 700 }, victims });
  expect({ killed: ended.killed, code: ended.code }).toEqual({ killed: count, code });
});

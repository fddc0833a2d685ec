// Locks of folders: one holder at a time, known by what it writes and not by its process number, and an error where a lock cannot be read.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { lockFolder } from "./node-lock.ts";
import type { FolderLock } from "./platform.ts";

const scratch = mkdtempSync(join(tmpdir(), "striatum-lock-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

let folders = 0;
const fresh = (): string => mkdtempSync(join(scratch, `${folders++}-`));
const fileIn = (folder: string): string => join(folder, "lock.json");
const QUICK = { beatMs: 20, leftBehindMs: 400 };
const SLOW = { beatMs: 20, leftBehindMs: 60_000 };

async function taken(folder: string): Promise<FolderLock> {
  const lock = await lockFolder(folder, {}, QUICK);
  if (lock.taken) throw new Error("the folder is locked");
  return lock;
}

/** What a process of another container leaves: its number is that of a living process here. */
const holder = { host: hostname(), pid: process.ppid, namespace: "another", token: "t", beat: "000000001" };
const leave = (folder: string, content: object): void => writeFileSync(fileIn(folder), JSON.stringify(content));
const pause = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms));

test("one at a time, and again once it is given back; who is refused learns file and host", async () => {
  const folder = join(fresh(), "made/on/the/way");
  const lock = await taken(folder);
  await expect(lock.check()).resolves.toBeUndefined();
  expect(await lockFolder(folder)).toEqual({ taken: true, file: fileIn(folder), host: hostname() });
  await lock.release();
  expect(readdirSync(folder)).toEqual([]);
  await (await taken(folder)).release();
});

test("a holder that beats is known to live as soon as it beats, however long it holds", async () => {
  const folder = fresh();
  const lock = await taken(folder);
  const before = performance.now();
  expect(await lockFolder(folder, { wait: true }, { ...QUICK, leftBehindMs: 4000 })).toMatchObject({ taken: true });
  expect(performance.now() - before).toBeLessThan(3500);
  await pause(2 * QUICK.leftBehindMs);
  expect(await lockFolder(folder, {}, QUICK)).toMatchObject({ taken: true });
  await lock.release();
});

test("content that does not change for a while by the own clock is left behind, whatever number and time the file has", async () => {
  for (const content of [
    { ...holder, pid: 1 },
    { ...holder, host: "elsewhere" },
  ]) {
    const folder = fresh();
    leave(folder, content);
    // The clock of the holder's host is a year ahead.
    const ahead = Date.now() / 1000 + 400 * 86400;
    utimesSync(fileIn(folder), ahead, ahead);
    expect(await lockFolder(folder, {}, QUICK)).toMatchObject({ taken: true, host: content.host });
    const before = performance.now();
    const lock = await lockFolder(folder, { wait: true }, QUICK);
    expect(lock.taken).toBe(false);
    expect(performance.now() - before).toBeGreaterThan(QUICK.leftBehindMs / 2);
    if (!lock.taken) await lock.release();
  }
});

test("a living holder in another container, with a number that no process has here, keeps its lock", async () => {
  const { pid } = spawnSync(process.execPath, ["-e", ""]);
  const folder = fresh();
  leave(folder, { ...holder, pid });
  const beats = setInterval(() => leave(folder, { ...holder, pid, beat: String(performance.now()) }), 20);
  expect(await lockFolder(folder, { wait: true }, SLOW)).toMatchObject({ taken: true });
  clearInterval(beats);
});

test.skipIf(process.platform !== "linux")(
  "a lock whose process is gone from the own namespace is taken over at once, by exactly one of many",
  async () => {
    const folder = fresh();
    const lock = await taken(folder);
    const own = JSON.parse(readFileSync(fileIn(folder), "utf8")) as typeof holder;
    await lock.release();
    const { pid } = spawnSync(process.execPath, ["-e", ""]);
    leave(folder, { ...own, pid });
    const locks = await Promise.all(Array.from({ length: 20 }, () => lockFolder(folder, {}, SLOW)));
    expect(locks.filter((lock) => !lock.taken)).toHaveLength(1);
  },
);

test("half a file belongs to somebody while it is young", async () => {
  const folder = fresh();
  writeFileSync(fileIn(folder), '{"host"');
  expect(await lockFolder(folder, {}, QUICK)).toEqual({ taken: true, file: fileIn(folder), host: null });
  expect(await lockFolder(folder, { wait: true }, QUICK)).toMatchObject({ taken: false });
});

test("JSON of another kind is nobody's after a while, and no error", async () => {
  for (const content of ["null", "[]", "{}"]) {
    const folder = fresh();
    writeFileSync(fileIn(folder), content);
    expect(await lockFolder(folder, { wait: true }, QUICK)).toMatchObject({ taken: false });
  }
});

test("who stood still and was taken over gets an error that says so, and does not write into the lock of another", async () => {
  const folder = fresh();
  const lock = await taken(folder);
  rmSync(fileIn(folder));
  leave(folder, holder);
  await pause(5 * QUICK.beatMs);
  await expect(lock.check()).rejects.toThrow(`${fileIn(folder)}: another process has taken this lock over`);
  await lock.release();
  expect(JSON.parse(readFileSync(fileIn(folder), "utf8"))).toEqual(holder);
});

test("a lock that cannot be read, or neither made nor read, is an error that names it", async () => {
  const folder = fresh();
  mkdirSync(fileIn(folder));
  await expect(lockFolder(folder)).rejects.toThrow(`cannot read "${fileIn(folder)}", the lock of a run (EISDIR): it is a folder`);
  const nowhere = fresh();
  symlinkSync(join(scratch, "nowhere"), fileIn(nowhere));
  await expect(lockFolder(nowhere)).rejects.toThrow(`cannot lock "${nowhere}": lock.json can neither be made nor read; remove it`);
});

test.skipIf(process.getuid?.() !== 0)("a lock of another user that may not be read is an error with its owner", () => {
  const folder = fresh();
  leave(folder, holder);
  const script = `
    const { chmodSync, chownSync } = await import("node:fs");
    const { lockFolder } = await import(${JSON.stringify(join(import.meta.dirname, "node-lock.ts"))});
    chmodSync(${JSON.stringify(scratch)}, 0o777); chmodSync(${JSON.stringify(folder)}, 0o777);
    chownSync(${JSON.stringify(fileIn(folder))}, 4321, 4321); chmodSync(${JSON.stringify(fileIn(folder))}, 0o600);
    process.setuid(1234);
    await lockFolder(${JSON.stringify(folder)}).then(() => console.log("locked"), (error) => console.log(error.message));`;
  const { stdout, stderr } = spawnSync(process.execPath, ["--import", "tsx", "--input-type=module", "-e", script], {
    encoding: "utf8",
    timeout: 60_000,
  });
  expect(stdout, stderr).toContain(`cannot read "${fileIn(folder)}", the lock of a run (EACCES): it belongs to the user with number 4321`);
});

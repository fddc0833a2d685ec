import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { lockFolder } from "./job-lock.ts";

const scratch = mkdtempSync(join(tmpdir(), "striatum-lock-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

let folders = 0;
const fresh = (): string => mkdtempSync(join(scratch, `${folders++}-`));
const leave = (folder: string, content: string): void => writeFileSync(join(folder, "lock.json"), content);

test("one at a time, and again once it is given back", async () => {
  const folder = join(fresh(), "made/on/the/way");
  const release = await lockFolder(folder);
  expect(release).not.toBeNull();
  expect(JSON.parse(readFileSync(join(folder, "lock.json"), "utf8"))).toMatchObject({ host: hostname(), pid: process.pid });
  expect(await lockFolder(folder)).toBeNull();
  await release?.();
  expect(readdirSync(folder)).toEqual([]);
  const second = await lockFolder(folder);
  expect(second).not.toBeNull();
  await second?.();
});

test("of many that want a folder whose holder is gone, exactly one gets it", async () => {
  const { pid } = spawnSync(process.execPath, ["-e", ""]);
  const folder = fresh();
  leave(folder, JSON.stringify({ host: hostname(), pid, began: "1" }));
  const taken = await Promise.all(Array.from({ length: 20 }, () => lockFolder(folder)));
  expect(taken.filter((release) => release !== null)).toHaveLength(1);
});

test.skipIf(process.platform !== "linux")("a process that has got the number of one that is gone is not taken for it", async () => {
  const folder = fresh();
  leave(folder, JSON.stringify({ host: hostname(), pid: process.ppid, began: "1" }));
  expect(await lockFolder(folder)).not.toBeNull();
});

test("another host's is respected while it is touched, and half a file while it is young", async () => {
  for (const [content, oldSeconds] of [
    [JSON.stringify({ host: "elsewhere", pid: 1, began: "1" }), 600],
    ['{"host"', 60],
  ] as const) {
    const folder = fresh();
    leave(folder, content);
    expect(await lockFolder(folder), content).toBeNull();
    const then = Date.now() / 1000 - oldSeconds;
    utimesSync(join(folder, "lock.json"), then, then);
    expect(await lockFolder(folder), content).not.toBeNull();
  }
});

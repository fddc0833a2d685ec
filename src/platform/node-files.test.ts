// What killed processes leave half-written: gone at the next write into the folder, unless somebody may still write it.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { nodeFiles } from "./node-files.ts";
import { ownNamespace } from "./node-process.ts";

const scratch = mkdtempSync(join(tmpdir(), "striatum-partials-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

test.skipIf(process.platform !== "linux")("half-written files of the dead and of long ago go, those of the living stay", async () => {
  const { pid } = spawnSync(process.execPath, ["-e", ""]);
  const own = ownNamespace() ?? "";
  const elsewhere = "0123456789abcdef";
  const name = (namespace: string, pid: number): string => `.step-00000001.safetensors.${namespace}-${pid}-aaaaaaaa.partial`;
  const old = ".run.json.1609d6d2.partial";
  for (const partial of [name(own, pid), name(own, process.ppid), name(elsewhere, pid), old]) writeFileSync(join(scratch, partial), "half");
  const before = Date.now() / 1000 - 2 * 3600;
  utimesSync(join(scratch, old), before, before);
  await nodeFiles.write(join(scratch, "run.json"), "{}");
  expect(readdirSync(scratch).sort()).toEqual([name(own, process.ppid), name(elsewhere, pid), "run.json"].sort());
});

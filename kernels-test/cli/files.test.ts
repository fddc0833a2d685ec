// The platform's files in Node: whole or not at all, and errors that name the path and the way out.
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deflateRawSync } from "node:zlib";
import { afterAll, describe, expect, test } from "vitest";
import { openNodePlatform } from "../../src/platform/node.ts";

const platform = await openNodePlatform();
const { files } = platform;
const scratch = mkdtempSync(join(tmpdir(), "striatum-files-"));
const text = async (path: string): Promise<string> => new TextDecoder().decode(await files.read(path));

/** A file system of 64 KiB; undefined where we may not mount one. */
function mountTinyDisk(): string | undefined {
  const folder = join(scratch, "disk");
  mkdirSync(folder);
  const { status } = spawnSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", folder]);
  return status === 0 ? folder : undefined;
}
const disk = mountTinyDisk() ?? "";

afterAll(() => {
  if (disk) spawnSync("umount", [disk]);
  rmSync(scratch, { recursive: true, force: true });
});

test("a file is written whole, folders above it are made, and nothing else is left beside it", async () => {
  const path = join(scratch, "runs/a/run.json");
  await files.write(path, "first");
  await files.write(path, [new Uint8Array([0x73, 0x65]), new Uint8Array([0x63])]);
  expect(await text(path)).toBe("sec");
  expect(await files.list(join(scratch, "runs"))).toEqual(["a/"]);
  expect(await files.list(join(scratch, "runs/a"))).toEqual(["run.json"]);
});

test("when the content breaks off, the old file stays and the new one leaves nothing", async () => {
  const path = join(scratch, "broken/weights.bin");
  await files.write(path, "old");
  function* breaking(): Generator<Uint8Array> {
    yield new Uint8Array(1000);
    throw new Error("the source broke off");
  }
  await expect(files.write(path, breaking())).rejects.toThrow("the source broke off");
  expect(await text(path)).toBe("old");
  expect(await files.list(join(scratch, "broken"))).toEqual(["weights.bin"]);
});

test("lines are appended in order", async () => {
  const path = join(scratch, "log/metrics.jsonl");
  await files.append(path, "one");
  await files.append(path, "two");
  expect(await text(path)).toBe("one\ntwo\n");
});

describe("refusals", () => {
  test("a missing file is named", async () => {
    await expect(files.read(join(scratch, "nowhere.bin"))).rejects.toThrow(/nowhere\.bin.*no such file.*ENOENT/);
    expect(await files.exists(join(scratch, "nowhere.bin"))).toBe(false);
  });

  test("a file over its limit is not read, and a folder is not a file", async () => {
    await files.write(join(scratch, "big.bin"), [new Uint8Array(100)]);
    await expect(files.read(join(scratch, "big.bin"), 99)).rejects.toThrow(/big\.bin.*100 bytes.*limit of 99/);
    expect((await files.read(join(scratch, "big.bin"), 100)).length).toBe(100);
    await expect(files.read(scratch)).rejects.toThrow(/it is a folder/);
    await expect(files.write(scratch, "x")).rejects.toThrow(/it is a folder/);
  });

  test("an absent folder cannot be listed, a full one not removed, an absent file is removed already", async () => {
    await files.write(join(scratch, "full/file"), "x");
    await expect(files.list(join(scratch, "absent"))).rejects.toThrow(/absent.*no such file or folder/);
    await expect(files.remove(join(scratch, "full"))).rejects.toThrow(/full.*not empty/);
    await files.remove(join(scratch, "full/file"));
    await files.remove(join(scratch, "full"));
    await files.remove(join(scratch, "full"));
    expect(await files.exists(join(scratch, "full"))).toBe(false);
  });

  test.skipIf(process.getuid?.() === 0)("a folder of someone else's is named, and left as it was", async () => {
    const folder = join(scratch, "locked");
    mkdirSync(folder);
    chmodSync(folder, 0o555);
    await expect(files.write(join(folder, "run.json"), "x")).rejects.toThrow(/run\.json.*permission denied.*EACCES/);
    expect(await files.list(folder)).toEqual([]);
  });

  test.skipIf(!disk)("a full disk keeps the old file and its lines, and nothing half-written", async () => {
    const path = join(disk, "checkpoint.bin");
    await files.write(path, "old");
    await expect(files.write(path, [new Uint8Array(40_000), new Uint8Array(40_000)])).rejects.toThrow(
      /checkpoint\.bin.*disk is full.*ENOSPC/,
    );
    expect(await text(path)).toBe("old");
    expect(await files.list(disk)).toEqual(["checkpoint.bin"]);

    const log = join(disk, "metrics.jsonl");
    await files.append(log, "kept");
    await expect(files.append(log, "x".repeat(80_000))).rejects.toThrow(/metrics\.jsonl.*disk is full/);
    expect(await text(log)).toBe("kept\n");
    for (const file of [path, log]) await files.remove(file);
  });

  test.skipIf(!disk)("a read-only disk is named, and left as it was", async () => {
    writeFileSync(join(disk, "here"), "");
    spawnSync("mount", ["-o", "remount,ro", disk]);
    try {
      const before = await files.list(disk);
      await expect(files.write(join(disk, "run.json"), "x")).rejects.toThrow(/run\.json.*read-only.*EROFS/);
      await expect(files.write(join(disk, "new/run/run.json"), "x")).rejects.toThrow(/run\.json.*read-only.*EROFS/);
      await expect(files.append(join(disk, "new/metrics.jsonl"), "x")).rejects.toThrow(/metrics\.jsonl.*read-only.*EROFS/);
      expect(await files.list(disk)).toEqual(before);
    } finally {
      spawnSync("mount", ["-o", "remount,rw", disk]);
      await files.remove(join(disk, "here"));
    }
  });

  test("a folder inside a file is an error", async () => {
    await files.write(join(scratch, "plain"), "x");
    await expect(files.write(join(scratch, "plain/run/run.json"), "x")).rejects.toThrow(/run\.json.*a part of the path is a file.*ENOTDIR/);
  });
});

test("inflate stops at its limit and refuses damage", async () => {
  const packed = deflateRawSync(new Uint8Array(50_000).fill(7));
  expect(await platform.inflate(packed, 50_000)).toEqual(new Uint8Array(50_000).fill(7));
  await expect(platform.inflate(packed, 49_999)).rejects.toThrow(/more than 49999 bytes/);
  await expect(platform.inflate(packed.subarray(0, packed.length / 2), 50_000)).rejects.toThrow(/damaged/);
});

test("shader text comes by name from shaders/ and from nowhere else", () => {
  expect(platform.shader("lrn.wgsl")).toContain("@compute");
  expect(() => platform.shader("lnr.wgsl")).toThrow(/"lnr\.wgsl": not in shaders\/.*lrn\.wgsl/);
  expect(() => platform.shader("../package.json")).toThrow(/not in shaders/);
});

test("waiting hands on the result or the error, lets timers run meanwhile, and naps no longer", async () => {
  let ticks = 0;
  const ticking = setInterval(() => ticks++, 2);
  await expect(platform.wait(new Promise((resolve) => setTimeout(() => resolve("done"), 40)))).resolves.toBe("done");
  clearInterval(ticking);
  expect(ticks).toBeGreaterThan(3);
  await expect(platform.wait(Promise.reject(new Error("lost")))).rejects.toThrow("lost");
  const startMs = performance.now();
  for (let turn = 0; turn < 1000; turn++) await new Promise((resolve) => setImmediate(resolve));
  expect(performance.now() - startMs).toBeLessThan(500); // 1000 naps would take a second
});

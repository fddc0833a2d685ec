// docs/networks.md: its programs are the files that it links, as printed, and the program that trains runs.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encode } from "fast-png";
import { afterAll, beforeAll, expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "../..");
const page = readFileSync(join(ROOT, "docs/networks.md"), "utf8");
const SIDE = 72;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "striatum-page-"));
  // Stripes across and stripes down, on a ground that differs from picture to picture.
  const rows = Array.from({ length: 30 }, (_, i) => {
    const across = i % 2 === 1;
    const data = Uint8Array.from({ length: SIDE * SIDE }, (_, at) => {
      const along = across ? Math.floor(at / SIDE) : at % SIDE;
      return ((at * 7919 + i * 31) % 97) + 100 * (Math.floor(along / 9) % 2);
    });
    writeFileSync(join(folder, `${i}.png`), encode({ width: SIDE, height: SIDE, channels: 1, depth: 8, data }));
    return `${i}.png,${across ? "rows" : "columns"},P${i},${i < 20 ? "train" : "val"}`;
  });
  writeFileSync(join(folder, "manifest.csv"), `${["path,label,patient,split", ...rows].join("\n")}\n`);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("its blocks of code are the files beside the text", () => {
  const blocks = [...page.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code]) => code);
  const files = ["small.ts", "own-network.ts", "train.ts"].map((name) => readFileSync(join(ROOT, "examples/networks", name), "utf8"));
  expect(blocks).toEqual(files);
});

test("its links lead to files", () => {
  const links = [...page.matchAll(/\]\((\.\.\/[^)]+)\)/g)].map(([, link]) => link);
  expect(links.length).toBeGreaterThan(8);
  expect(links.filter((link) => !existsSync(join(ROOT, "docs", link)))).toEqual([]);
});

test("its program trains the small network until it classifies stripes, and scores with what it saved", () => {
  const [, program, data, out] = /npx tsx (\S+) small (\S+) (\S+) 20\n/.exec(page) ?? [];
  expect([program, data, out]).toEqual(["examples/networks/train.ts", "heads", "runs/small"]);
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--import", "tsx", program, "small", folder, join(folder, out), "20"], {
    cwd: ROOT,
    encoding: "utf8",
    timeout: 110_000,
  });
  expect(stderr).not.toContain("Error");
  expect(status).toBe(0);
  const lines = stdout.trim().split("\n");
  expect(lines).toHaveLength(30);
  expect(lines[19]).toMatch(/^epoch 20: validation loss 0\.\d+$/);
  const told = lines.slice(20).map((line) => /^(\w+): (\w+) [01]\.\d{3}$/.exec(line));
  expect(told.map((found) => found?.[2])).toEqual(told.map((found) => found?.[1]));
  expect(new Set(told.map((found) => found?.[1])).size).toBe(2);
});

test("its program of the package's own names learns, saves and classifies", () => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["--import", import.meta.resolve("tsx"), join(ROOT, "examples/networks/own-network.ts")],
    {
      cwd: folder,
      encoding: "utf8",
      timeout: 110_000,
    },
  );
  expect(stderr).not.toContain("Error");
  expect(status).toBe(0);
  const lines = stdout.trim().split("\n");
  const losses = lines.slice(0, 4).map((line) => Number(/^loss (\d\.\d{3})$/.exec(line)?.[1]));
  expect(losses[3]).toBeLessThan(losses[0] / 2);
  expect(lines.slice(4)).toEqual(["dark", "bright"]);
});

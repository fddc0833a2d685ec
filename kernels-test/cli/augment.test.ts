// `npx striatum augment show`: the forty-eight variants of an image on one sheet.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decode, encode } from "fast-png";
import { afterAll, expect, test } from "vitest";
import { runCli } from "../support/run-cli.ts";

const folder = mkdtempSync(join(tmpdir(), "striatum-augment-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("shows the 48 variants of a picture, and of a folder's first", () => {
  const picture = encode({ width: 40, height: 40, channels: 1, depth: 8, data: new Uint8Array(1600).map((_, i) => (i * 37) % 251) });
  mkdirSync(join(folder, "case"));
  writeFileSync(join(folder, "case/1.png"), picture);
  const sheets = ["case/1.png", "case"].map((from) => {
    const out = join(folder, "sheets/48.png");
    const { status, stdout, stderr } = runCli(["augment", "show", join(folder, from), "--out", out, "--size", "64"]);
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout).toBe(`${out}: 48 variants\n`);
    return readFileSync(out);
  });
  const { width, height } = decode(sheets[0]);
  expect(width).toBeGreaterThanOrEqual(8 * 64);
  expect(height).toBeGreaterThanOrEqual(6 * 64);
  expect(sheets[1]).toEqual(sheets[0]);
});

test("what is not an image is refused by name", () => {
  writeFileSync(join(folder, "notes.txt"), "no image");
  const { status, stderr } = runCli(["augment", "show", join(folder, "notes.txt"), "--out", join(folder, "x.png")]);
  expect(status).toBe(1);
  expect(stderr).toMatch(/^error: .*notes\.txt: /);
});

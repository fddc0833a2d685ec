// `npx striatum predict --grad-cam`: where a network saw its class, beside the picture.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decode, encode } from "fast-png";
import { afterAll, expect, test } from "vitest";
import { networks } from "../../src/models/index.ts";
import { runCli } from "../support/run-cli.ts";
import { smallWeights } from "../support/small-weights.ts";

const folder = mkdtempSync(join(tmpdir(), "striatum-grad-cam-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const SIDE = 73;
writeFileSync(join(folder, "small.safetensors"), smallWeights(networks["googlenet"], 3));
writeFileSync(
  join(folder, "noise.png"),
  encode({ width: SIDE, height: SIDE, channels: 1, depth: 8, data: new Uint8Array(SIDE * SIDE).map((_, i) => (i * 37) % 251) }),
);
const predict = (...more: string[]): ReturnType<typeof runCli> =>
  runCli(["predict", "--net", "googlenet", "--weights", join(folder, "small.safetensors"), ...more, join(folder, "noise.png")]);

test("writes the picture and its heat side by side, in colour, beside the usual answer", () => {
  const { status, stdout } = predict("--grad-cam", join(folder, "heat.png"), "--layer", "inception_4e/output");
  expect(status).toBe(0);
  expect(stdout).toContain("class ");
  const { width, channels } = decode(readFileSync(join(folder, "heat.png")));
  expect(width).toBeGreaterThanOrEqual(2 * SIDE);
  expect(channels).toBe(3);
});

test("an unknown layer is reported with the known ones", () => {
  const { status, stderr } = predict("--grad-cam", join(folder, "heat.png"), "--layer", "conv9");
  expect(status).toBe(1);
  expect(stderr).toMatch(/there is no layer "conv9"; the network has conv1\/7x7_s2, .*inception_5b\/output/);
});

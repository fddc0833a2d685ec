// striatum inspect if no adapter is found: it needs none.
import { expect, test } from "vitest";
import { runCli } from "../support/run-cli.ts";

const NO_ADAPTER = { VK_DRIVER_FILES: "/nonexistent", VK_ICD_FILENAMES: "/nonexistent" };

test("a network is its paper's table", () => {
  const { status, stdout } = runCli(["inspect", "alexnet"], NO_ADAPTER);
  expect(status).toBe(0);
  expect(stdout).toMatch(/^total +60,965,224 +724,406,816$/m);
});

test.skipIf(process.platform !== "linux")("without an adapter a plan is made for WebGPU's default limits, and that is said", () => {
  const { status, stdout, stderr } = runCli(["inspect", "googlenet", "--plan", "--width", "1/8", "--json"], NO_ADAPTER);
  expect(status).toBe(0);
  expect(stderr).toContain("WebGPU's default limits");
  const plan = JSON.parse(stdout) as { machine: string; launches: { layer: string }[]; ratio: number };
  expect(plan.machine).toContain("WebGPU");
  expect(plan.launches.map(({ layer }) => layer)).toContain("inception_5b/3x3.update");
  expect(plan.ratio).toBeGreaterThanOrEqual(1);
});

test("a plan names its passes and the ratio of its memory to the bound; without passes there are more launches", () => {
  const planned = (passes: string): string[] => {
    const args = `inspect googlenet --plan --width 1/8 --size 64 --for lavapipe --passes ${passes}`.split(" ");
    return runCli(args, NO_ADAPTER).stdout.trim().split("\n");
  };
  const launches = (lines: string[]): number => Number(/^launches +(\d+)$/m.exec(lines.join("\n"))?.[1]);
  const [all, none] = [planned("all"), planned("none")];
  expect(all.at(-1)).toMatch(/^ratio +1\.\d{3}$/);
  expect(none).toContainEqual(expect.stringMatching(/^passes +none$/));
  expect(launches(none)).toBeGreaterThan(launches(all));
});

test("a graph is shown as the passes leave it; its hash is that of the graph as written, which checkpoints name", () => {
  const shown = (passes: string): { hash: string; nodes: { op: string }[] } =>
    JSON.parse(runCli(`inspect alexnet --graph --json --passes ${passes}`.split(" "), NO_ADAPTER).stdout);
  const [fused, written] = [shown("relu-epilogue"), shown("none")];
  expect(fused.hash).toBe(written.hash);
  expect(written.nodes.filter(({ op }) => op === "relu")).toHaveLength(7);
  expect(fused.nodes.filter(({ op }) => op === "relu")).toHaveLength(0);
});

test("a kernel's source is shown as linked, under its variant's name", () => {
  const { status, stdout } = runCli(["inspect", "--wgsl", "dropout", "--for", "webgpu-defaults"], NO_ADAPTER);
  expect(status).toBe(0);
  expect(stdout).toMatch(/^\/\/ dropout .*: dropout, textbook family$/m);
  expect(stdout).toContain("fn philox"); // of its include
  expect(stdout).not.toContain("//#include");
});

test("an unknown kernel is wrong usage, and the known ones are listed", () => {
  const { status, stderr } = runCli(["inspect", "--wgsl", "convolve", "--for", "webgpu-defaults"]);
  expect(status).toBe(2);
  expect(stderr).toMatch(/no kernel is named "convolve".*conv2d.*softmaxLoss/);
});

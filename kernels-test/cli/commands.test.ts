// The command line's manners: exit codes, where words go, and what it says where nothing can compute.
import { expect, test } from "vitest";
import { runCli } from "../support/run-cli.ts";

test("an unknown command is wrong usage, with the nearest one named", () => {
  const { status, stdout, stderr } = runCli(["docter"]);
  expect(status).toBe(2);
  expect(stderr).toContain("Did you mean doctor?");
  expect(stdout).toBe("");
});

test("an unknown option is wrong usage, with the nearest one named", () => {
  const { status, stderr } = runCli(["doctor", "--jsn"]);
  expect(status).toBe(2);
  expect(stderr).toContain("Did you mean --json?");
});

test("without a command the help is shown, as wrong usage", () => {
  const { status, stderr } = runCli([]);
  expect(status).toBe(2);
  expect(stderr).toMatch(/setup.+doctor/s);
});

test("doctor prints the adapter as JSON", () => {
  const { status, stdout } = runCli(["doctor", "--json"]);
  const diagnosis = JSON.parse(stdout) as {
    ready: boolean;
    kernels: string[];
    adapters: string[];
    adapter: { limits: Record<string, number> };
    selfTest: { passed: boolean; summary: string };
  };
  expect(diagnosis.ready).toBe(true);
  expect(status).toBe(0);
  expect(diagnosis.adapters.length).toBeGreaterThan(0);
  expect(diagnosis.kernels).toContain("textbook");
  expect(diagnosis.selfTest.passed, diagnosis.selfTest.summary).toBe(true);
  expect(diagnosis.adapter.limits.maxStorageBufferBindingSize).toBeGreaterThanOrEqual(2 ** 27); // WebGPU's guarantee
});

test.skipIf(process.platform !== "linux")("doctor fails if no adapter is found, and names the packages to install", () => {
  const { status, stdout, stderr } = runCli(["doctor"], { VK_DRIVER_FILES: "/nonexistent", VK_ICD_FILENAMES: "/nonexistent" });
  expect(status).toBe(1);
  expect(stdout).toMatch(/adapters\s+none/);
  expect(stderr).toContain("npm run setup");
  expect(stderr).toContain("mesa-vulkan-drivers");
  expect(stderr).toContain("libvulkan1");
});

test("doctor refuses the back end that computes nothing", () => {
  const { status, stderr } = runCli(["doctor"], { STRIATUM_DAWN: "backend=null" });
  expect(status).toBe(1);
  expect(stderr).toContain("computes nothing");
});

test("a toggle that Dawn would ignore in silence is an error", () => {
  const { status, stderr } = runCli(["doctor"], { STRIATUM_DAWN: "skip_validaton" });
  expect(status).toBe(1);
  expect(stderr).toContain('"skip_validaton" is not known');
  expect(stderr).toContain("skip_validation");
});

test("setup does nothing if an adapter is found, and says so", () => {
  const { status, stderr } = runCli(["setup"], { CI: "" });
  expect(status).toBe(0);
  expect(stderr).toContain("nothing to do");
});

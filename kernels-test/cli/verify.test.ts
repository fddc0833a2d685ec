// What verifies must find what is wrong: the command as a person runs it, and kernels that were spoilt on purpose.
import { describe, expect, test } from "vitest";
import { selfTest } from "../../src/cli/self-test.ts";
import { verifyOps } from "../../src/cli/commands/verify.ts";
import { openEngine, type Engine } from "../../src/engine/engine.ts";
import { testPlatform } from "../support/adapter.ts";
import { runCli } from "../support/run-cli.ts";

test("an op is verified in all of its families, with its backward pass and its gradient", () => {
  const { status, stdout, stderr } = runCli(["verify", "--op", "averagePool", "--json"]);
  expect(status, stderr).toBe(0);
  const { wrong, findings } = JSON.parse(stdout) as { wrong: number; findings: { op: string; family: string; ratio: number }[] };
  expect(wrong).toBe(0);
  expect(new Set(findings.map(({ op, family }) => `${op} ${family}`))).toEqual(
    new Set([
      "averagePool textbook",
      "averagePool vector",
      "averagePoolBackward textbook",
      "averagePoolBackward vector",
      "averagePool float64",
    ]),
  );
  expect(findings.every(({ ratio }) => ratio <= 1)).toBe(true);
});

test("a network's training is verified, state by state", () => {
  const { status, stdout, stderr } = runCli(["verify", "--net", "alexnet"]);
  expect(status, stderr).toBe(0);
  expect(stdout).toMatch(/^alexnet +momentum\/fc8\/weight +default /m);
  expect(stderr).toContain("all within their bounds");
});

test("a comparison that finds nothing to compare has failed", () => {
  const { status, stderr } = runCli(["verify", "--op", "relu", "--family", "subgroup"]);
  expect(status).toBe(1);
  expect(stderr).toContain("nothing was compared");
});

describe("a kernel spoilt on purpose", () => {
  /** The update with its momentum left out. */
  const spoilt = async (): Promise<Engine> => {
    const platform = await testPlatform();
    const shader = (name: string): string =>
      name === "sgd.wgsl" ? platform.shader(name).replace("dims.momentum * v[i]", "0 * dims.momentum") : platform.shader(name);
    return openEngine({ ...platform, shader });
  };

  test("fails the doctor's self-test, which names it", async () => {
    const engine = await spoilt();
    const { passed, summary } = await selfTest(engine);
    engine.dispose();
    expect(passed).toBe(false);
    expect(summary).toMatch(/^sgd \(\w+\) errs by/);
  });

  test("is beyond its bound in every family, but not where there is no momentum", async () => {
    const engine = await spoilt();
    const findings = await verifyOps(engine, { op: "sgd" });
    engine.dispose();
    const right = findings.filter(({ ratio }) => ratio <= 1);
    expect(new Set(right.map((finding) => finding.case))).toEqual(new Set(["no momentum"]));
    expect(findings.length).toBeGreaterThan(right.length);
  });
});

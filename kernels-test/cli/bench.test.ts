// striatum bench on a network small enough for any adapter.
import { expect, test } from "vitest";
import { runCli } from "../support/run-cli.ts";

test("a step is measured once its matrix products are right", () => {
  const { status, stdout, stderr } = runCli(
    "bench step --net alexnet --width 1/8 --size 67 --classes 3 --batch 2 --steps 3 --profile".split(" "),
  );
  expect(status, stderr).toBe(0);
  const result = JSON.parse(stdout) as {
    inferMs: number;
    trainMs: number;
    trainMinMs: number;
    trainTimesMs: number[];
    firstStepMs: number;
    peakBytes: number;
    boundBytes: number;
    dispatches: number;
    losses: number[];
    checked: { op: string; ratio: number }[];
    profile: { kernels: { name: string; milliseconds: number }[]; launches: unknown[] };
  };
  expect(result.inferMs).toBeGreaterThan(0);
  expect(result.trainTimesMs).toHaveLength(3);
  expect(result.trainTimesMs.toSorted((a, b) => a - b).slice(0, 2)).toEqual([result.trainMinMs, result.trainMs]);
  expect(result.firstStepMs).toBeGreaterThan(result.trainMinMs);
  expect(result.peakBytes).toBeGreaterThanOrEqual(result.boundBytes);
  expect(result.losses.every((loss) => loss > 0)).toBe(true);
  const passes = ["conv2d", "conv2dBackwardData", "conv2dUpdate", "innerProduct", "innerProductBackwardData", "innerProductUpdate"];
  expect(result.checked.map(({ op }) => op)).toEqual(expect.arrayContaining(passes));
  expect(result.checked.every(({ ratio }) => ratio <= 1)).toBe(true);
  expect(result.profile.launches).toHaveLength(result.dispatches);
  expect(stderr).toMatch(/measured roofs/);
});

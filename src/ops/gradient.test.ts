// Every op's gradient against central differences in float64 on its own reference.
import { expect, test } from "vitest";
import { GRADIENT_TOLERANCE, gradientErrors } from "./check-gradient.ts";
import { gradientCases, type GradientCase } from "./gradient-cases.ts";
import { ops, type OpName } from "./index.ts";

const everyCase = Object.entries<Readonly<Record<string, GradientCase>>>(gradientCases).flatMap(([name, byCase]) =>
  Object.entries(byCase).map(([title, tested]) => [name as OpName, title, tested] as const),
);

test.each(everyCase)("the gradient of %s is that of its reference: %s", (name, _title, tested) => {
  const errors = Object.entries(gradientErrors(name, tested));
  expect(errors.length).toBeGreaterThan(0);
  for (const [port, error] of errors) expect(error, port).toBeLessThan(GRADIENT_TOLERANCE);
});

test("every op with a gradient has its cases", () => {
  const differentiable = Object.values(ops).filter((tested) => "gradient" in tested);
  expect(Object.keys(gradientCases).sort()).toEqual(differentiable.map((tested) => tested.name).sort());
});

test("an op is listed under its own name", () => {
  for (const [name, listed] of Object.entries(ops)) expect(listed.name).toBe(name);
});

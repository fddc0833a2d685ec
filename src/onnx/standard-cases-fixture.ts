// Cases of operators as ONNX's text defines them. Each is a model of one node or a few, written to bytes, read, imported, run in float64 and compared
// with standard-fixture.ts.
import { describe, expect, test } from "vitest";
import { philox, unitFloat } from "../tensor/philox.ts";
import { floats, modelOf, run64, type Said, type SaidModel, type SaidNode } from "./model-fixture.ts";
import type { Nd } from "./standard-fixture.ts";
import type { HostTensor } from "./tensor.ts";

/** Float32 values in [-1, 1). */
export function noise(shape: readonly number[], stream = 1): Nd {
  const size = shape.reduce((a, b) => a * b, 1);
  return { shape, data: Array.from({ length: size }, (_, i) => Math.fround(2 * unitFloat(philox([stream, 0], [i, 0, 0, 0])[0]) - 1)) };
}

export const constant = ({ shape, data }: Nd): HostTensor => floats(shape, ...data);

export interface Case {
  readonly operator: string;
  readonly title: string;
  readonly model: SaidModel;
  readonly feeds: Readonly<Record<string, Nd>>;
  readonly expected: readonly Nd[];
}

export const IMAGE = noise([2, 4, 7, 8]);

interface OneNode {
  readonly operator: string;
  readonly title: string;
  readonly x: Nd;
  /** Constants after x. */
  readonly constants?: readonly (HostTensor | null)[];
  readonly attributes?: Readonly<Record<string, Said>>;
  readonly opset?: number;
  readonly expected: Nd | readonly Nd[];
}

/** An empty list of cases, and what adds one of one node, whose first input is fed. */
export function listOfCases(): { cases: Case[]; one: (node: OneNode) => void } {
  const cases: Case[] = [];
  const one = ({ operator, title, x, constants = [], attributes = {}, opset = 13, expected }: OneNode): void => {
    const all = Array.isArray(expected) ? (expected as readonly Nd[]) : [expected as Nd];
    const outputs = all.map((_, at) => `y${at}`);
    const names = constants.map((known, at) => (known ? `c${at}` : ""));
    const initializers = Object.fromEntries(constants.flatMap((known, at) => (known ? [[`c${at}`, known]] : [])));
    const node: SaidNode = { operator, inputs: ["x", ...names], outputs, attributes };
    cases.push({
      operator,
      title,
      model: { nodes: [node], inputs: { x: x.shape }, outputs, initializers, opset },
      feeds: { x },
      expected: all,
    });
  };
  return { cases, one };
}

/** Registers a test of each case, and one of their number and titles: a list with fewer than `least` has lost some. */
export function compare(cases: readonly Case[], least: number): void {
  const operators = [...new Set(cases.map(({ operator }) => operator))];
  describe.each(operators)("%s", (operator) => {
    const ofOperator = cases.filter((one) => one.operator === operator);
    test.each(ofOperator.map((one) => [one.title, one] as const))("%s", (_title, { model, feeds, expected }) => {
      const outputs = run64(modelOf(model), Object.fromEntries(Object.entries(feeds).map(([name, { data }]) => [name, data])));
      model.outputs.forEach((name, at) => {
        const got = outputs.get(name);
        expect(got?.shape).toEqual(expected[at].shape);
        const largest = Math.max(...expected[at].data.map(Math.abs), 1);
        const worst = Math.max(...expected[at].data.map((value, i) => Math.abs(value - (got?.data[i] ?? Number.NaN))));
        expect(worst).toBeLessThan(1e-6 * largest);
      });
    });
  });

  test(`there are at least ${least} cases, each with a title of its own`, () => {
    expect(cases.length).toBeGreaterThanOrEqual(least);
    expect(new Set(cases.map(({ operator, title }) => `${operator} ${title}`)).size).toBe(cases.length);
  });
}

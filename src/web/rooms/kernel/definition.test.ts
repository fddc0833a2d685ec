// Definitions as text: of every op the part that computes, and what it calls in its file.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { ops } from "../../../ops/index.ts";
import { definitionOf, fileOfOp } from "./definition.ts";

const read = (name: string): string => readFileSync(fileURLToPath(new URL(`../../../ops/${name}`, import.meta.url)), "utf8");
const index = read("index.ts");

test.each(Object.keys(ops))("%s", (op) => {
  const file = fileOfOp(index, op) as string;
  const source = read(file);
  const text = definitionOf(source, op);
  expect(text).toMatch(new RegExp(`export const ${op}\\b`));
  expect(text).toMatch(/^\s*reference\b/m);
  expect(text).not.toMatch(/^\s*(infer|gradient)\(/m);
  for (const line of text.split("\n")) expect(source).toContain(line);
});

test("functions of the same file that it calls are there, and theirs", () => {
  expect(definitionOf(read("conv2d.ts"), "conv2d")).toContain("function forEachTap(");
  expect(definitionOf("nothing of the kind", "conv2d")).toBe("nothing of the kind");
  expect(fileOfOp(index, "conv9")).toBeNull();
});

import { expect, test } from "vitest";
import { diff, hunksOf } from "./diff.ts";

const SIGNS = { same: " ", gone: "-", new: "+" } as const;
const written = (lines: ReturnType<typeof diff>): string => lines.map(({ kind, text }) => SIGNS[kind] + text).join("\n");
const count = (to: number): string => Array.from({ length: to }, (_, i) => `line ${i}`).join("\n");

test("common lines stay in order, and what is left makes both texts", () => {
  const [before, after] = ["a\nb\nc\nd\ne", "a\nc\nx\nd\ne\nf"];
  const lines = diff(before, after);
  expect(written(lines)).toBe(" a\n-b\n c\n+x\n d\n e\n+f");
  const text = (without: "gone" | "new"): string =>
    lines
      .filter(({ kind }) => kind !== without)
      .map(({ text: line }) => line)
      .join("\n");
  expect([text("new"), text("gone")]).toEqual([before, after]);
});

test("equal texts have no changes, and texts with nothing in common are all gone and all new", () => {
  expect(hunksOf(diff(count(9), count(9)))).toEqual([]);
  expect(written(diff("a\nb", "c"))).toBe("-a\n-b\n+c");
});

test("changes far apart are pieces of their own, and near ones are one", () => {
  const lines = diff(count(20), count(20).replace("line 3\n", "changed\n").replace("line 6\n", "").replace("line 15\n", "other\n"));
  expect(hunksOf(lines).map(written)).toEqual([
    " line 1\n line 2\n-line 3\n+changed\n line 4\n line 5\n-line 6\n line 7\n line 8",
    " line 13\n line 14\n-line 15\n+other\n line 16\n line 17",
  ]);
});

test("texts that are too long to compare are exchanged between their common ends", () => {
  const many = (name: string): string => Array.from({ length: 2500 }, (_, i) => `${name} ${i}`).join("\n");
  const lines = diff(`head\n${many("a")}\nfoot`, `head\n${many("b")}\nfoot`);
  expect(lines.map(({ kind }) => kind).filter((kind, i, all) => kind !== all[i - 1])).toEqual(["same", "gone", "new", "same"]);
});

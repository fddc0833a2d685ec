import { styleText } from "node:util";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { printable } from "./output.ts";

test("what steers a terminal comes out as its code", () => {
  expect(printable("a\u001b]0;title\u0007b\u009b2Jc\u202egpj\u2066d\re\u007f")).toBe(
    "a\\u001b]0;title\\u0007b\\u009b2Jc\\u202egpj\\u2066d\\u000de\\u007f",
  );
  expect(printable("\u001b[2J\u001b[8mhidden\u001b[0m")).toBe("\\u001b[2J\\u001b[8mhidden\\u001b[0m");
});

test("letters of any script, tabs, line ends and our own colours stay", () => {
  const text = "\u00e9t\u00e9\t\u05d0\u05d1 \u4e2d\u6587\n\u{1f9e0}";
  expect(printable(text)).toBe(text);
  for (const style of ["bold", "dim", "red", "green", "yellow", "cyan"] as const) {
    const painted = styleText(style, "x", { validateStream: false });
    expect(painted).not.toBe("x");
    expect(printable(painted)).toBe(painted);
  }
});

test("JSON stays the same JSON", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      expect(JSON.parse(printable(JSON.stringify({ text }, null, 2)))).toEqual({ text });
    }),
    { seed: 1 },
  );
});

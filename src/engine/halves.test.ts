// Rewriting shaders for storage in 16 bits, in text.
import { expect, test } from "vitest";
import { pack, packable } from "./halves.ts";

const SHADER = `alias Vector = vec4f; //#param
@group(0) @binding(1) var<storage, read> x: array<Vector>; // x lies here
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(3) var<storage, read> at: array<u32>;
fn main(i: u32) {
  let dx = x[at[i] + x_first(i)].x;
  if (x[i].y == 0 && x[0].z > 1) { y[at[i]] = max(x[i], y[i - 1]) * dx; }
}`;

test("loads are unpacked and stores packed, wherever they stand; names that only contain the variable's are left alone", () => {
  expect(pack(SHADER, ["x", "y"]).split("\n").slice(0, 8)).toEqual([
    "alias Vector = vec4f; ",
    "@group(0) @binding(1) var<storage, read> x: array<vec2u>; ",
    "@group(0) @binding(2) var<storage, read_write> y: array<vec2u>;",
    "@group(0) @binding(3) var<storage, read> at: array<u32>;",
    "fn main(i: u32) {",
    "  let dx = unpackedHalves4(x[at[i] + x_first(i)]).x;",
    "  if (unpackedHalves4(x[i]).y == 0 && unpackedHalves4(x[0]).z > 1) { y[at[i]] = packedHalves4( max(unpackedHalves4(x[i]), unpackedHalves4(y[i - 1])) * dx); }",
    "}",
  ]);
});

test("only whole vectors can be packed", () => {
  expect(packable(SHADER, "x")).toBe(true);
  expect(packable(SHADER, "at")).toBe(false);
  expect(packable(SHADER, "z")).toBe(false);
  const declared = "var<storage, read_write> y: array<vec4f>;\n";
  for (const use of ["y[i] += y[0];", "y[i].x = 1;", "let p = &y[i];", "y[i][2] = 1;", "let n = arrayLength(&y);"]) {
    expect(packable(declared + use, "y"), use).toBe(false);
  }
  for (const use of ["y[i] = y[i] + y[0];", "let a = y[i][2];", "if (y[i].x == 1) {}"])
    expect(packable(declared + use, "y"), use).toBe(true);
  expect(packable(SHADER.replace("vec4f; //", "f32; //"), "x")).toBe(false);
});

// The linker on small texts: each directive, and each way to get one wrong.
import { expect, test } from "vitest";
import { link, packDims } from "./linker.ts";

const files: Record<string, string> = {
  "double.wgsl": `struct Dims { count: u32, shift: i32, factor: f32 }
@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> x: array<Vector>;
@group(0) @binding(2) var<storage, read_write> y: array<Vector>;
alias Vector = f32; //#param
const WORKGROUP: u32 = 64; //#param
//#include "lib/twice.wgsl"
//#include "lib/twice.wgsl"
//#slot store
fn store() {}
//#end
fn after() {}`,
  "lib/twice.wgsl": "fn twice() {}",
  "lib/store_half.wgsl": "fn store() { half(); }\nfn half() {}",
  "list.wgsl": `struct Item { at: u32, step: f32, rows: u32, columns: u32 }
struct Dims { items: array<Item, 2>, count: u32 }
@group(0) @binding(0) var<uniform> dims: Dims;`,
  "late.wgsl": "struct Item { at: u32 }\nstruct Dims { items: array<Item, 2> }\n@group(0) @binding(0) var<uniform> dims: Dims;",
  "open.wgsl": "struct Dims { a: u32 }\n//#slot load\nfn load() {}",
};
const read = (file: string): string => files[file] ?? "";

test("as it lies: the defaults, includes once", () => {
  const shader = link("double.wgsl", {}, read);
  expect(shader.code).toContain("alias Vector = f32;");
  expect(shader.code.match(/fn twice/g)).toHaveLength(1);
  expect(shader.code).toContain("fn store() {}");
  expect(shader.bindings).toEqual([
    { name: "dims", binding: 0, access: "uniform" },
    { name: "x", binding: 1, access: "read" },
    { name: "y", binding: 2, access: "read_write" },
  ]);
});

test("parameters and slots are replaced, and named", () => {
  const shader = link("double.wgsl", { params: { WORKGROUP: 32, Vector: "vec4f" }, slots: { store: "lib/store_half.wgsl" } }, read);
  expect(shader.code).toContain("alias Vector = vec4f;");
  expect(shader.code).toContain("const WORKGROUP: u32 = 32;");
  expect(shader.code).not.toContain("fn store() {}");
  expect(shader.name).toBe("double store_half Vector=vec4f WORKGROUP=32");
});

test("a line of the linked text leads back to its file", () => {
  const shader = link("double.wgsl", { slots: { store: "lib/store_half.wgsl" } }, read);
  const lines = shader.code.split("\n");
  expect(shader.origin(lines.indexOf("fn half() {}") + 1)).toEqual({ file: "lib/store_half.wgsl", line: 2 });
  expect(shader.origin(lines.indexOf("fn after() {}") + 1)).toEqual({ file: "double.wgsl", line: 12 });
});

test("what the shader does not know is an error", () => {
  expect(() => link("double.wgsl", { params: { WORKGRUOP: 1 } }, read)).toThrow('double.wgsl has no parameter "WORKGRUOP"');
  expect(() => link("double.wgsl", { slots: { laod: "lib/twice.wgsl" } }, read)).toThrow('double.wgsl has no slot "laod"');
  expect(() => link("open.wgsl", { slots: { load: "lib/twice.wgsl" } }, read)).toThrow("open.wgsl:2: //#slot without //#end");
});

test("dims are packed by name and type", () => {
  const shader = link("double.wgsl", {}, read);
  const view = new DataView(packDims(shader, { factor: 0.5, count: 4_000_000_000, shift: -3 }));
  expect([view.getUint32(0, true), view.getInt32(4, true), view.getFloat32(8, true), view.byteLength]).toEqual([
    4_000_000_000, -3, 0.5, 16,
  ]);
  expect(() => packDims(shader, { count: 1, shift: 0 })).toThrow("Dims.factor was not given");
  expect(() => packDims(shader, { count: -1, shift: 0, factor: 0 })).toThrow("Dims.count is u32, got -1");
  expect(() => packDims(shader, { count: 1, shift: 0, factor: 0, more: 1 })).toThrow("Dims has no field more");
});

test("an array of structs that begins Dims is packed element by element", () => {
  const shader = link("list.wgsl", {}, read);
  const item = (i: number) => ({ [`items[${i}].at`]: i, [`items[${i}].step`]: i / 2, [`items[${i}].rows`]: 5, [`items[${i}].columns`]: 6 });
  const view = new DataView(packDims(shader, { ...item(0), ...item(1), count: 2 }));
  expect([view.getUint32(16, true), view.getFloat32(20, true), view.getUint32(32, true), view.byteLength]).toEqual([1, 0.5, 2, 48]);
  expect(() => link("late.wgsl", {}, read)).toThrow("items must begin Dims, with elements of four fields or a multiple");
});

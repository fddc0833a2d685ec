// Kernels with their comments: the text that a bundle strips comes back as it is written, with the values of tunables that the kernel has.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { link, type Variant } from "../../../engine/linker.ts";
import { passagesOf, readableKernel } from "./readable.ts";

const read = (name: string): string => readFileSync(fileURLToPath(new URL(`../../../../shaders/${name}`, import.meta.url)), "utf8");
/** As vite.config.ts strips texts for a bundle. */
const stripped = (name: string): string =>
  read(name)
    .split("\n")
    .map((line) => line.replace(/\s*\/\/(?!#).*$/, "").replace(/^\s+/, ""))
    .filter((line) => line !== "")
    .join("\n");

const KERNELS: readonly (readonly [string, Variant])[] = [
  ["conv2d.wgsl", {}],
  ["gemm/gemm-subgroup.wgsl", { slots: { phase: "gemm/gemm-subgroup-backward-data.wgsl" }, params: { ROWS: 16 } }],
  ["gemm/gemm-workgroup.wgsl", { params: { MICRO: 8 } }],
];

test.each(KERNELS)("%s", (file, variant) => {
  const made = (text: (name: string) => string) => {
    const linked = link(file, variant, text);
    return { wgsl: linked.code, origins: linked.code.split("\n").map((_, i) => linked.origin(i + 1)) };
  };
  const bundled = made(stripped);
  const files = new Map(bundled.origins.map(({ file: name }) => [name, read(name)]));
  const { wgsl, lines } = readableKernel(bundled, files);
  const served = made(read);
  // Where a server sends files as they are, nothing is added.
  expect(readableKernel(served, files).wgsl).toBe(served.wgsl);
  const code = (text: string): string[] =>
    text
      .split("\n")
      .map((line) => line.replace(/\s*\/\/(?!#).*$/, "").trim())
      .filter((line) => line !== "");
  expect(code(wgsl)).toEqual(code(served.wgsl));
  expect(wgsl).toContain(read(file).split("\n")[0]);
  for (const { text, file: name, line, isParameter } of lines) if (!isParameter) expect(text).toBe(read(name).split("\n")[line - 1]);
  for (const value of Object.values(variant.params ?? {}))
    expect(lines.some(({ text, isParameter }) => isParameter && text.includes(`= ${value};`))).toBe(true);
  expect(passagesOf(lines).flatMap((passage) => passage.lines)).toEqual(lines);
});

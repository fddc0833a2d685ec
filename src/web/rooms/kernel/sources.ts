// Texts that the room shows beside kernels: files of shaders/ and of src/ops/ as they are written, each loaded when it is wanted.
import type { KernelText } from "striatum/inspect";
import { definitionOf, fileOfOp } from "./definition.ts";
import { readableKernel, type ReadableKernel } from "./readable.ts";

const SHADERS = import.meta.glob<string>("../../../../shaders/**/*.wgsl", { query: "?raw", import: "default" });
const OPS = import.meta.glob<string>(["../../../ops/*.ts", "!../../../ops/*.test.ts"], { query: "?raw", import: "default" });

/** A linked kernel with comments and indentation. */
export async function readable(kernel: KernelText): Promise<ReadableKernel> {
  const names = [...new Set(kernel.origins.map(({ file }) => file))];
  const texts = await Promise.all(names.map(async (name) => [name, await SHADERS[`../../../../shaders/${name}`]()] as const));
  return readableKernel(kernel, new Map(texts));
}

/** The float64 definition of an op, and the file that it is written in. */
export async function definition(op: string): Promise<{ readonly file: string; readonly text: string }> {
  const file = fileOfOp(await OPS["../../../ops/index.ts"](), op);
  if (!file) throw new Error(`internal: no file of src/ops has "${op}"`);
  return { file: `src/ops/${file}`, text: definitionOf(await OPS[`../../../ops/${file}`](), op) };
}

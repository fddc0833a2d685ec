// The declarations of the public entry in one file: what dist/types holds and docs/api.md is made of.
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";
import { dts } from "rolldown-plugin-dts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** Text of index.d.ts: every public name, members marked @internal left out. */
export async function publicDeclarations(): Promise<string> {
  const bundled = await rolldown({
    cwd: ROOT,
    input: "src/index.ts",
    external: [/^node:/, "@webgpu/types"],
    plugins: [dts({ dtsOnly: true, tsconfig: "deploy/tsconfig.types.json" })],
    checks: { bundlerTimings: false },
  });
  try {
    const { output } = await bundled.generate();
    const [entry] = output;
    return `/// <reference lib="esnext.disposable" />\n${entry.code}`;
  } finally {
    await bundled.close();
  }
}

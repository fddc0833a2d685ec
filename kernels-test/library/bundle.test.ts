// The engine with both networks and every shader, bundled for the browser: small, and free of Node.
import { gzipSync } from "node:zlib";
import { join } from "node:path";
import { build } from "vite";
import { expect, test } from "vitest";
import { plainShaders } from "../../vite.config.ts";

const LIMIT_BYTES = 60 * 1024;

test("bundles to at most 60 kB gzip, shaders included, with nothing of Node in it", async () => {
  const result = await build({
    configFile: false,
    logLevel: "error",
    root: join(import.meta.dirname, "../.."),
    plugins: [plainShaders()],
    build: { write: false, target: "es2023", lib: { entry: "src/web/engine-entry.ts", formats: ["es"] }, minify: true },
  });
  const outputs = (Array.isArray(result) ? result : [result]).flatMap((each) => ("output" in each ? each.output : []));
  const code = outputs.map((chunk) => (chunk.type === "chunk" ? chunk.code : "")).join("");
  expect(code).not.toMatch(/["']node:/);
  expect(code).toContain("subgroupShuffle");
  expect(code).toContain("inception_5b");
  const bytes = gzipSync(code, { level: 9 }).length;
  process.stdout.write(`engine, both networks and all shaders: ${(bytes / 1000).toFixed(1)} kB gzip\n`);
  expect(bytes).toBeLessThanOrEqual(LIMIT_BYTES);
});

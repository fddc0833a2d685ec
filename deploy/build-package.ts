// Builds what npm publishes: dist/node (library, command line, workers), dist/browser (modules, and one minified file) and dist/types.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build as bundle } from "esbuild";
import { build, type InlineConfig } from "vite";
import packageJson from "../package.json" with { type: "json" };
import viteConfig from "../vite.config.ts";
import { publicDeclarations } from "./declarations.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const DIST = join(ROOT, "dist");
const external = Object.keys(packageJson.dependencies);

async function buildForNode(): Promise<void> {
  await bundle({
    absWorkingDir: ROOT,
    entryPoints: {
      index: "src/index.ts",
      cli: "src/cli/main.ts",
      "frame-worker-node": "src/codecs/frame-worker-node.mjs",
      "phantom-worker": "src/cli/host/phantom-worker.ts",
    },
    outdir: "dist/node",
    outExtension: { ".js": ".mjs" },
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20",
    packages: "external",
    alias: { "#platform": join(ROOT, "src/platform/node.ts") },
    logLevel: "warning",
  });
}

async function buildForBrowsers(lib: { fileName: string; single: boolean }): Promise<void> {
  const config: InlineConfig = {
    configFile: false,
    root: ROOT,
    logLevel: "error",
    base: "./",
    plugins: viteConfig.plugins ?? [],
    resolve: { alias: { "#platform": join(ROOT, "src/platform/browser.ts") }, conditions: ["browser", "default"] },
    worker: { format: "es" },
    build: {
      target: "es2022",
      outDir: "dist/browser",
      emptyOutDir: false,
      minify: lib.single,
      lib: { entry: "src/index.ts", formats: ["es"], fileName: () => lib.fileName },
      rolldownOptions: lib.single ? { output: { codeSplitting: false } } : { external },
    },
  };
  await build(config);
}

async function buildTypes(): Promise<void> {
  mkdirSync(join(DIST, "types"), { recursive: true });
  writeFileSync(join(DIST, "types/index.d.ts"), await publicDeclarations());
}

for (const part of ["node", "browser", "types"]) rmSync(join(DIST, part), { recursive: true, force: true });
await buildForNode();
await buildForBrowsers({ fileName: "index.js", single: false });
await buildForBrowsers({ fileName: "striatum.min.js", single: true });
await buildTypes();

// Builds what npm publishes: dist/node (the library's entries, command line, workers), dist/browser (modules, and the main entry in one minified
// file) and dist/types.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build as bundle } from "esbuild";
import { build, type InlineConfig, type Plugin } from "vite";
import viteConfig from "../vite.config.ts";
import { publishedDeclarations } from "./declarations.ts";
import { ENTRIES } from "./entries.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const DIST = join(ROOT, "dist");
/** Dependencies that are ES modules. The others are bundled: not all bundlers find the names that a dynamic import of a CommonJS module gives. */
const MODULES = ["fast-png", "valibot"];
/** The decoders of compressed frames with their codecs: more than all the rest, and rarely wanted. */
const DECODERS = "frame-decoders-browser";

/** Sources of the entries by name. */
const entryPoints = Object.fromEntries(ENTRIES.map((name) => [name, `src/${name}.ts`]));

async function buildForNode(): Promise<void> {
  await bundle({
    absWorkingDir: ROOT,
    entryPoints: {
      ...entryPoints,
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
    alias: { "#platform": join(ROOT, "src/platform/node.ts"), "#matrix": join(ROOT, "src/kernels/gemm-matrix.ts") },
    logLevel: "warning",
  });
}

/** Leaves the decoders to the file beside the bundle that has them. */
const decodersBeside: Plugin = {
  name: "decoders-beside",
  enforce: "pre",
  resolveId: (id) => (id.endsWith(`/${DECODERS}.ts`) ? { id: `./${DECODERS}.js`, external: true } : null),
};

/** Replaces what dependencies require of Node, in branches that only Node takes. */
const withoutNode: Plugin = {
  name: "without-node",
  transform: {
    filter: { id: /node_modules/ },
    handler: (code) => ({ code: code.replaceAll(/\brequire\((["'])(?:fs|path|zlib)\1\)/g, "undefined"), map: null }),
  },
};

async function buildForBrowsers(lib: { single: boolean }): Promise<void> {
  const config: InlineConfig = {
    configFile: false,
    root: ROOT,
    logLevel: "error",
    base: "./",
    plugins: [viteConfig.plugins, withoutNode, lib.single && decodersBeside],
    resolve: {
      alias: { "#platform": join(ROOT, "src/platform/browser.ts"), "#matrix": join(ROOT, "src/kernels/no-matrix.ts") },
      conditions: ["browser", "default"],
    },
    worker: { format: "es", plugins: () => [withoutNode], rolldownOptions: { output: { codeSplitting: false, minify: true } } },
    build: {
      target: "es2022",
      outDir: "dist/browser",
      emptyOutDir: false,
      minify: lib.single,
      lib: {
        entry: lib.single ? "src/index.ts" : entryPoints,
        formats: ["es"],
        fileName: (_, name) => (lib.single ? "striatum.min.js" : `${name}.js`),
      },
      rolldownOptions: lib.single
        ? { output: { codeSplitting: false, minify: true } }
        : {
            external: MODULES,
            output: { chunkFileNames: ({ name }) => (name === DECODERS ? "[name].js" : "[name]-[hash].js") },
          },
    },
  };
  await build(config);
}

function buildTypes(): void {
  mkdirSync(join(DIST, "types"), { recursive: true });
  for (const [name, text] of Object.entries(publishedDeclarations())) writeFileSync(join(DIST, "types", name), text);
}

for (const part of ["node", "browser", "types"]) rmSync(join(DIST, part), { recursive: true, force: true });
await buildForNode();
await buildForBrowsers({ single: false });
await buildForBrowsers({ single: true });
buildTypes();

// The page, served and bundled, and the modules that carry shader texts into any bundle of the library.
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig, type Plugin } from "vite";
import { scoringShaders } from "./src/train/scoring-shaders.ts";

const FOLDER = fileURLToPath(new URL("./shaders/", import.meta.url));
/** As src/platform/shader-modules.d.ts declares them. */
const SCORING = "virtual:shaders/scoring";
const OTHERS = "virtual:shaders/others";

/**
 * What a page loads at once lies in one chunk, as most bundlers make it: in parts, as others share them, it would compress less well. The package itself is built
 * without: Vite makes no classic worker of it then.
 */
export const FIRST_LOAD = { groups: [{ name: "first", test: /[/\\]src[/\\]index\.ts$/ }] };

const read = (name: string): string => readFileSync(FOLDER + name, "utf8");

/** WGSL without comments and indentation; `//#` lines are the linker's directives and stay. */
function plain(text: string): string {
  const lines = text.split("\n").map((line) => line.replace(/\s*\/\/(?!#).*$/, "").replace(/^\s+/, ""));
  return lines.filter((line) => line !== "").join("\n");
}

/**
 * The shaders as two modules of texts: those that scoring links by default, and the others. Every build of src/index.ts needs this plugin. A bundle has
 * the texts plain; the development server sends them as they are written and reloads the page when one changes.
 */
export function shaderModules(): Plugin {
  let bundles = false;
  return {
    name: "shader-modules",
    configResolved({ command }) {
      bundles = command === "build";
    },
    resolveId: (id) => (id === SCORING || id === OTHERS ? `\0${id}` : null),
    load(id) {
      if (id !== `\0${SCORING}` && id !== `\0${OTHERS}`) return null;
      const names = readdirSync(FOLDER, { recursive: true, encoding: "utf8" })
        .map((name) => name.replaceAll("\\", "/"))
        .filter((name) => name.endsWith(".wgsl"));
      const scoring = new Set(scoringShaders(read));
      const carried = names.filter((name) => scoring.has(name) === (id === `\0${SCORING}`)).toSorted();
      const texts = Object.fromEntries(carried.map((name) => [name, bundles ? plain(read(name)) : read(name)]));
      return `export const SHADERS = ${JSON.stringify(texts)};`;
    },
    configureServer({ watcher, moduleGraph, ws }) {
      watcher.add(FOLDER);
      watcher.on("change", (path) => {
        if (!path.endsWith(".wgsl")) return;
        for (const id of [SCORING, OTHERS]) {
          const module = moduleGraph.getModuleById(`\0${id}`);
          if (module) moduleGraph.invalidateModule(module);
        }
        ws.send({ type: "full-reload" });
      });
    },
  };
}

export default defineConfig({
  root: "src/web",
  plugins: [shaderModules()],
  // The package by its own name is its sources here, and dist/ only where it is installed.
  resolve: {
    alias: [
      { find: /^striatum$/, replacement: fileURLToPath(new URL("src/index.ts", import.meta.url)) },
      { find: /^striatum\/(\w+)$/, replacement: fileURLToPath(new URL("src/$1.ts", import.meta.url)) },
    ],
    conditions: ["browser", "default"],
  },
  // Found late, they would reload the page.
  optimizeDeps: {
    include: [
      "@cornerstonejs/codec-charls/decodewasmjs",
      "@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasmjs",
      "@cornerstonejs/codec-openjpeg/decodewasmjs",
      "@cornerstonejs/codec-openjph/wasmjs",
      "dicom-parser",
      "fast-png",
      "jpeg-js",
      "valibot",
    ],
  },
  // The decoders of compressed frames, which few pages load, have 1457 kB.
  build: { target: "es2023", outDir: "../../dist/web", emptyOutDir: true, chunkSizeWarningLimit: 1500 },
  server: { fs: { allow: ["../.."] } },
});

// The page, served and bundled, and the modules that carry shader texts into any bundle of the library.
import { scale } from "@observablehq/plot";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { deflateRawSync } from "node:zlib";
import temml from "temml";
import { defineConfig, type Plugin } from "vite";
import { fractalImages } from "./src/fractals/images.ts";
import { scoringShaders } from "./src/train/scoring-shaders.ts";
import { FORMULAS } from "./src/web/rooms/kernel/formulas.ts";
import { FORMULAS as TEXTBOOK_FORMULAS } from "./src/web/rooms/textbook/formulas.ts";

const FOLDER = fileURLToPath(new URL("./shaders/", import.meta.url));
/** As src/platform/shader-modules.d.ts declares them. */
const SCORING = "virtual:shaders/scoring";
const OTHERS = "virtual:shaders/others";

/**
 * What a page loads at once lies in one chunk, as most bundlers make it: in parts, as others share them, it would compress less well. The package itself is built
 * without: Vite makes no classic worker of it then.
 */
export const FIRST_LOAD = { groups: [{ name: "first", test: /[/\\]src[/\\]index\.ts$/ }] };

/** The same of the page's worker: what it imports at once, and what opens the network that ships. */
const FIRST_ANSWER = {
  groups: [
    {
      name: "engine",
      test: /[/\\]src[/\\](web[/\\]worker[/\\](worker|lab)|web[/\\]rooms[/\\]start[/\\]worker-part|train[/\\]pretrained|weights[/\\]load|library[/\\](run|describe|arguments|read-source)|platform[/\\]download)\.ts$/,
    },
  ],
};

/** The shell, and the room that most visits begin with. */
const FIRST_ROOM = { groups: [{ name: "page", test: /[/\\]src[/\\]web[/\\](main|rooms[/\\]start[/\\]room)\.ts$/ }] };

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

const VIRIDIS = "virtual:viridis";
const SAMPLES = "virtual:samples";
/** Formulas as LaTeX, by the name of the module that has them as MathML. */
const FORMULA_SETS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "virtual:formulas": FORMULAS,
  "virtual:textbook-formulas": TEXTBOOK_FORMULAS,
};
/** Kernels that the page draws with. The room Kernel shows those of shaders/ as they are written. */
const PAGE_SHADER = /\/src\/web\/worker\/\w+\.wgsl\?raw$/;
/** Fractals of the categories that the shipped networks know (data/README.md), of instances that they were neither trained nor chosen by. */
const FRACTALS = { seed: 0, categories: 32, instances: 1, from: 5000, poses: "upright", size: 128 } as const;

/** Red, green and blue of "#440154" or "rgb(68, 1, 84)". */
function bytesOf(colour: string): number[] {
  const hex = /^#(..)(..)(..)$/.exec(colour)?.slice(1);
  return hex ? hex.map((byte) => Number.parseInt(byte, 16)) : [...colour.matchAll(/\d+/g)].map(Number);
}

/** What the page carries beside its code: a colour map, and pictures to begin with. */
function pageModules(): Plugin {
  let bundles = false;
  const { categories: count, size } = FRACTALS;
  const file = "fractals.deflate";
  const packed = (): Uint8Array => {
    const pictures = fractalImages(FRACTALS);
    return deflateRawSync(Buffer.concat(Array.from({ length: count }, (_, category) => pictures.draw(category).data)), { level: 9 });
  };
  return {
    name: "page-modules",
    enforce: "pre",
    configResolved({ command }) {
      bundles = command === "build";
    },
    resolveId: (id) => (id === VIRIDIS || id === SAMPLES ? `\0${id}` : null),
    load(id) {
      if (bundles && PAGE_SHADER.test(id))
        return `export default ${JSON.stringify(plain(readFileSync(id.replace(/\?raw$/, ""), "utf8")))};`;
      if (id === `\0${VIRIDIS}`) {
        const colours = scale({ color: { type: "linear", scheme: "viridis", domain: [0, 255] } });
        const bytes = Array.from({ length: 256 }, (_, i) => bytesOf(colours.apply(i))).flat();
        return `export const VIRIDIS = ${JSON.stringify(bytes)};`;
      }
      if (id !== `\0${SAMPLES}`) return null;
      const url = bundles
        ? `import.meta.ROLLUP_FILE_URL_${this.emitFile({ type: "asset", name: file, source: packed() })}`
        : JSON.stringify(`/${file}`);
      return `export const SAMPLES = { count: ${count}, size: ${size}, url: ${url} };`;
    },
    configureServer({ middlewares }) {
      middlewares.use((request, response, next) => {
        if (request.url !== `/${file}`) return next();
        response.end(packed());
      });
    },
  };
}

const SERVICE_WORKER = "service-worker.js";
/** More than that is fetched when it is first wanted: the decoders of compressed DICOM frames. */
const LARGE_BYTES = 1_000_000;
const isKept = (name: string, bytes: number): boolean => bytes < LARGE_BYTES || name.endsWith(".safetensors");

/** Writes the service worker beside the built page, with the names of the page's files and a digest of them. */
function serviceWorker(): Plugin {
  return {
    name: "service-worker",
    apply: "build",
    enforce: "post",
    buildStart() {
      this.emitFile({ type: "chunk", id: fileURLToPath(new URL("src/web/service-worker.ts", import.meta.url)), fileName: SERVICE_WORKER });
    },
    generateBundle(_, bundle) {
      const { [SERVICE_WORKER]: worker, ...page } = bundle;
      if (worker?.type !== "chunk") throw new Error("the build has no service worker");
      const contents = Object.values(page).map((file): [string, string | Uint8Array] => [
        file.fileName,
        file.type === "chunk" ? file.code : file.source,
      ]);
      const hash = createHash("sha256");
      for (const [name, content] of contents.toSorted(([a], [b]) => (a < b ? -1 : 1))) hash.update(name).update(content);
      const files = contents.filter(([name, content]) => isKept(name, Buffer.byteLength(content))).map(([name]) => name);
      const build = JSON.stringify({ version: hash.digest("hex").slice(0, 16), files: files.toSorted() });
      worker.code = worker.code.replaceAll("__BUILD__", () => build);
    },
  };
}

/** Formulas as MathML. The page's policy refuses style attributes, which are taken out. */
function formulaModules(): Plugin {
  return {
    name: "formula-modules",
    resolveId: (id) => (id in FORMULA_SETS ? `\0${id}` : null),
    load(id) {
      const formulas = id.startsWith("\0") ? FORMULA_SETS[id.slice(1)] : undefined;
      if (!formulas) return null;
      const set = Object.entries(formulas).map(([name, latex]) => {
        const math = temml.renderToString(latex, { displayMode: true, throwOnError: true });
        return [name, math.replaceAll(/ (style|class)="[^"]*"/g, "")];
      });
      return `export const FORMULAS = ${JSON.stringify(Object.fromEntries(set))};`;
    },
  };
}

const PLUGINS = (): Plugin[] => [shaderModules(), pageModules(), formulaModules()];

export default defineConfig({
  root: "src/web",
  base: "./",
  plugins: [...PLUGINS(), serviceWorker()],
  worker: { format: "es", plugins: PLUGINS, rolldownOptions: { output: { codeSplitting: FIRST_ANSWER } } },
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
  build: {
    target: "es2023",
    modulePreload: false,
    rolldownOptions: { output: { codeSplitting: FIRST_ROOM } },
    outDir: "../../dist/web",
    emptyOutDir: true,
    chunkSizeWarningLimit: 1500,
  },
  server: { fs: { allow: ["../.."] } },
});

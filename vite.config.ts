// The page, served and bundled. Shaders go into the bundle as text without their comments, but for the linker's directives.
import { fileURLToPath } from "node:url";
import { defineConfig, type Plugin } from "vite";

/** Cuts comments and indentation out of WGSL that is bundled; `//#` lines are directives and stay. */
export function plainShaders(): Plugin {
  return {
    name: "plain-shaders",
    apply: "build",
    enforce: "pre",
    async load(id) {
      if (!id.endsWith(".wgsl?raw")) return null;
      const { readFile } = await import("node:fs/promises");
      const text = await readFile(id.replace(/\?raw$/, ""), "utf8");
      const lines = text.split("\n").map((line) => line.replace(/\s*\/\/(?!#).*$/, "").replace(/^\s+/, ""));
      return `export default ${JSON.stringify(lines.filter((line) => line !== "").join("\n"))}`;
    },
  };
}

export default defineConfig({
  root: "src/web",
  plugins: [plainShaders()],
  // The package by its own name is its sources here, and dist/ only where it is installed.
  resolve: {
    alias: [{ find: /^striatum$/, replacement: fileURLToPath(new URL("src/index.ts", import.meta.url)) }],
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
  build: { target: "es2023", outDir: "../../dist/web", emptyOutDir: true },
  server: { fs: { allow: ["../.."] } },
});

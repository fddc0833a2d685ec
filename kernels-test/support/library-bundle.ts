// The library bundled for a browser, as a page would load it: what bundle.test.ts measures and the browser tests run.
import { join } from "node:path";
import { build, type Rolldown } from "vite";
import { ENTRIES } from "../../deploy/entries.ts";
import { FIRST_LOAD, shaderModules } from "../../vite.config.ts";

const ROOT = join(import.meta.dirname, "../..");

export interface LibraryBundle {
  /** File name of the module that exports the library. */
  readonly entry: string;
  /** By file name. */
  readonly chunks: ReadonlyMap<string, Rolldown.OutputChunk>;
  /** What a page serves, by file name: chunks and assets. */
  readonly files: ReadonlyMap<string, string | Uint8Array>;
}

/** Bundles src/index.ts in memory. */
export async function bundleLibrary(): Promise<LibraryBundle> {
  const outputs = await bundled(join(ROOT, "src/index.ts"));
  const chunks = chunksOf(outputs);
  const entry = [...chunks.values()].find(({ isEntry }) => isEntry);
  if (!entry) throw new Error("the bundle of src/index.ts has no entry");
  return { entry: entry.fileName, chunks, files: filesOf(outputs) };
}

/** Bundles all entries of the package together; the file name of each, and all chunks. */
export async function bundleEntries(): Promise<{
  readonly entries: Readonly<Record<string, string>>;
  readonly chunks: LibraryBundle["chunks"];
}> {
  const chunks = chunksOf(await bundled(Object.fromEntries(ENTRIES.map((name) => [name, join(ROOT, `src/${name}.ts`)]))));
  const entries = [...chunks.values()].filter(({ isEntry }) => isEntry).map(({ name, fileName }) => [name, fileName]);
  return { entries: Object.fromEntries(entries), chunks };
}

const chunksOf = (outputs: readonly Output[]): Map<string, Rolldown.OutputChunk> =>
  new Map(outputs.flatMap((output) => (output.type === "chunk" ? [[output.fileName, output] as const] : [])));

async function bundled(input: string | Record<string, string>): Promise<Output[]> {
  const result = await build({
    configFile: false,
    logLevel: "error",
    root: ROOT,
    plugins: [shaderModules()],
    build: {
      write: false,
      target: "es2023",
      rolldownOptions: {
        input,
        preserveEntrySignatures: "strict",
        ...(typeof input === "string" && { output: { codeSplitting: FIRST_LOAD } }),
      },
    },
  });
  return outputsOf(result);
}

type Output = Rolldown.OutputChunk | Rolldown.OutputAsset;

/** Chunks and assets of what `build` returned. */
export const outputsOf = (result: Awaited<ReturnType<typeof build>>): Output[] =>
  (Array.isArray(result) ? result : [result]).flatMap((each) => ("output" in each ? each.output : []));

/** Contents by file name. */
export const filesOf = (outputs: readonly Output[]): Map<string, string | Uint8Array> =>
  new Map(outputs.map((output) => [output.fileName, output.type === "chunk" ? output.code : output.source]));

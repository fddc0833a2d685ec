// The library bundled for a browser, as a page would load it: what bundle.test.ts measures and the browser tests run.
import { join } from "node:path";
import { build, type Rolldown } from "vite";
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
  const result = await build({
    configFile: false,
    logLevel: "error",
    root: ROOT,
    plugins: [shaderModules()],
    build: {
      write: false,
      target: "es2023",
      rolldownOptions: { input: join(ROOT, "src/index.ts"), preserveEntrySignatures: "strict", output: { codeSplitting: FIRST_LOAD } },
    },
  });
  const outputs = outputsOf(result);
  const chunks = new Map(outputs.flatMap((output) => (output.type === "chunk" ? [[output.fileName, output] as const] : [])));
  const entry = [...chunks.values()].find(({ isEntry }) => isEntry);
  if (!entry) throw new Error("the bundle of src/index.ts has no entry");
  return { entry: entry.fileName, chunks, files: filesOf(outputs) };
}

type Output = Rolldown.OutputChunk | Rolldown.OutputAsset;

/** Chunks and assets of what `build` returned. */
export const outputsOf = (result: Awaited<ReturnType<typeof build>>): Output[] =>
  (Array.isArray(result) ? result : [result]).flatMap((each) => ("output" in each ? each.output : []));

/** Contents by file name. */
export const filesOf = (outputs: readonly Output[]): Map<string, string | Uint8Array> =>
  new Map(outputs.map((output) => [output.fileName, output.type === "chunk" ? output.code : output.source]));

// The declarations of the public entries: what dist/types holds and docs/api.md is made of. TypeScript declares each module; API Extractor rolls up what
// all entries reach in one file, so that a class is the same in each; an entry's file exports its names from there.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseSync } from "vite";
import { ENTRIES } from "./entries.ts";
import { Extractor, ExtractorConfig, ExtractorLogLevel } from "@microsoft/api-extractor";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const TSC = join(ROOT, "node_modules/typescript/bin/tsc");
const TYPES_CONFIG = join(ROOT, "deploy/tsconfig.types.json");

interface Exported {
  readonly name: string;
  /** Whether the entry exports it as a type: a class that programs do not construct, too. */
  readonly isType: boolean;
}

/** What an entry exports. */
export function exportsOf(entry: (typeof ENTRIES)[number]): Exported[] {
  const { module } = parseSync(`${entry}.ts`, readFileSync(join(ROOT, `src/${entry}.ts`), "utf8"));
  return module.staticExports.flatMap(({ entries }) =>
    entries.map(({ exportName, isType }) => ({ name: exportName.name as string, isType })),
  );
}

/** Files of dist/types by name. */
export function publishedDeclarations(): Record<string, string> {
  const listed = (exported: readonly Exported[]): string => exported.map(({ name, isType }) => (isType ? `type ${name}` : name)).join(", ");
  const entries = ENTRIES.map((entry) => [`${entry}.d.ts`, `export { ${listed(exportsOf(entry))} } from "./all.js";\n`]);
  return { "all.d.ts": publicDeclarations(), ...Object.fromEntries(entries) };
}

/** Every public name of all entries, members marked @internal left out. */
export function publicDeclarations(): string {
  const scratch = mkdtempSync(join(tmpdir(), "striatum-declarations-"));
  try {
    const { status } = spawnSync(process.execPath, [TSC, "-p", TYPES_CONFIG, "--outDir", scratch], { stdio: "inherit" });
    if (status !== 0) throw new Error(`tsc -p ${TYPES_CONFIG} failed`);
    const path = join(scratch, "all.d.ts");
    const all = join(scratch, "src/all.d.ts");
    writeFileSync(all, ENTRIES.map((entry) => `export * from "./${entry}.ts";\n`).join(""));
    const off = { enabled: false };
    const silent = { default: { logLevel: ExtractorLogLevel.None } };
    const config = ExtractorConfig.prepare({
      packageJsonFullPath: join(ROOT, "package.json"),
      configObjectFullPath: undefined,
      configObject: {
        projectFolder: ROOT,
        mainEntryPointFilePath: all,
        compiler: { tsconfigFilePath: TYPES_CONFIG },
        apiReport: off,
        docModel: off,
        tsdocMetadata: off,
        dtsRollup: { enabled: true, publicTrimmedFilePath: path },
        messages: { compilerMessageReporting: silent, extractorMessageReporting: silent, tsdocMessageReporting: silent },
      },
    });
    if (!Extractor.invoke(config, { localBuild: true }).succeeded) throw new Error("the declarations could not be rolled up");
    return `/// <reference lib="esnext.disposable" />\n${readFileSync(path, "utf8")}`;
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

// The declarations of a public entry in one file: what dist/types holds and docs/api.md is made of. TypeScript declares each module; API
// Extractor rolls up what the entry reaches.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Extractor, ExtractorConfig, ExtractorLogLevel } from "@microsoft/api-extractor";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const TSC = join(ROOT, "node_modules/typescript/bin/tsc");
const TYPES_CONFIG = join(ROOT, "deploy/tsconfig.types.json");

/** Text of an entry's .d.ts: every public name, members marked @internal left out. */
export function publicDeclarations(entry = "index"): string {
  const scratch = mkdtempSync(join(tmpdir(), "striatum-declarations-"));
  try {
    const { status } = spawnSync(process.execPath, [TSC, "-p", TYPES_CONFIG, "--outDir", scratch], { stdio: "inherit" });
    if (status !== 0) throw new Error(`tsc -p ${TYPES_CONFIG} failed`);
    const path = join(scratch, "rolled-up.d.ts");
    const off = { enabled: false };
    const silent = { default: { logLevel: ExtractorLogLevel.None } };
    const config = ExtractorConfig.prepare({
      packageJsonFullPath: join(ROOT, "package.json"),
      configObjectFullPath: undefined,
      configObject: {
        projectFolder: ROOT,
        mainEntryPointFilePath: join(scratch, `src/${entry}.d.ts`),
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

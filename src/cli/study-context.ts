// The context of a study's jobs in Node: the adapter if one is needed, worker threads that draw phantoms, locks, and the source's version.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import packageJson from "../../package.json" with { type: "json" };
import { openEngine } from "../engine/engine.ts";
import { cohortFiles } from "../phantoms/cohort-files.ts";
import type { Platform } from "../platform/platform.ts";
import { jobLocks } from "../study/job-locks.ts";
import type { RunningContext } from "../study/study.ts";
import { Engines } from "../train/surviving.ts";
import { planStudy } from "../study/plan.ts";
import type { Study } from "../study/study-folder.ts";
import { say } from "./output.ts";
import { shippedWeights } from "./shipped-weights.ts";
import { startCaseWorkers } from "./host/phantom-workers.ts";

export interface OpenContext extends RunningContext {
  /** Disposes of the adapter, if one was opened. */
  dispose(): Promise<void>;
}

export function openContext(
  platform: Platform,
  study: Study,
  { out, scoreAgain = false, wait = false }: { readonly out: string; readonly scoreAgain?: boolean; readonly wait?: boolean },
  signal: AbortSignal,
): OpenContext {
  const engines = new Engines(() => openEngine(platform));
  return {
    ...study,
    platform,
    out,
    signal,
    scoreAgain,
    plan: planStudy(study.protocol, study.external),
    version: packageJson.version,
    commit: sourceCommit(),
    shippedWeights,
    engines,
    engine: () => engines.current(),
    ...jobLocks(platform, { signal, wait, onWait: say }),
    async *writePhantoms(folder, cohort, signal) {
      const workers = startCaseWorkers();
      const started = platform.now();
      let files = 0;
      let drawn = 0;
      let patient = "";
      try {
        for await (const { name, content } of cohortFiles(cohort, workers)) {
          if (signal.aborted) return false;
          await platform.files.write(`${folder}/${name}`, content);
          files++;
          const folderOfFile = name.slice(0, name.indexOf("/"));
          if (folderOfFile === patient || !name.includes("/")) continue;
          patient = folderOfFile;
          yield { kind: "cases", done: drawn++, of: cohort.cases };
        }
      } finally {
        await workers.dispose();
      }
      const seconds = ((platform.now() - started) / 1000).toFixed(0);
      yield { kind: "note", text: `${folder}: ${cohort.cases} synthetic patients as ${files} files in ${seconds} s` };
      return true;
    },
    dispose: () => engines.dispose(),
  };
}

/** The commit that runs, "-dirty" behind it where files differ; null where there is no repository. */
function sourceCommit(): string | null {
  const root = fileURLToPath(new URL("../..", import.meta.url));
  if (!existsSync(`${root}/.git`)) return null;
  const told = spawnSync("git", ["-C", root, "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"], { encoding: "utf8" });
  return told.status === 0 ? told.stdout.trim() : null;
}

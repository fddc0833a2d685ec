// npm run bench:report: writes docs/performance.md from bench/results/*.json and bench/notes.md.
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { EXIT, print, sayFailure } from "../src/cli/output.ts";
import { nodeFiles } from "../src/platform/node-files.ts";
import { trafficSection } from "./compile/traffic.ts";
import { performancePage } from "./performance-page.ts";
import type { Results } from "./results.ts";
import { readResults } from "./results-file.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
/** Path of the page. */
export const PAGE = join(ROOT, "docs/performance.md");

/** The page from the current files. */
export async function makePage(): Promise<string> {
  const folder = join(ROOT, "bench/results");
  // A repository keeps no empty folder.
  const names = (await nodeFiles.exists(folder)) ? (await nodeFiles.list(folder)).filter((name) => name.endsWith(".json")) : [];
  const results: (readonly [string, Results])[] = [];
  for (const name of names) results.push([name, await readResults(join(folder, name))]);
  return performancePage(results, await textOf(join(ROOT, "bench/notes.md")), trafficSection());
}

const textOf = async (path: string): Promise<string> => new TextDecoder().decode(await nodeFiles.read(path));

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    await nodeFiles.write(PAGE, await makePage());
    print(PAGE);
  } catch (error) {
    sayFailure(error);
    process.exitCode = EXIT.failed;
  }
}

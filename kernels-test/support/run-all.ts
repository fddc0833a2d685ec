// npm test: the checks (types, lint, format, unused code), then every test once. The last line is `N passed, N failed, N skipped`;
// a check counts as one. A project without tests fails: a check that found nothing to check has checked nothing.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import config from "../../vitest.config.ts";

const CHECKS: Readonly<Record<string, readonly string[]>> = {
  types: ["tsc"],
  "types of the page": ["tsc", "-p", "src/web"],
  lint: ["oxlint", "--type-aware"],
  format: ["oxfmt", "--check"],
  "unused code": ["knip"],
};

/** The part of Vitest's JSON report that is read here. */
interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly assertionResults: readonly { readonly status: string }[];
  }[];
}

const count = { passed: 0, failed: 0, skipped: 0 };
const scratch = mkdtempSync(join(tmpdir(), "striatum-test-"));
const line = (text: string): void => void process.stdout.write(`${text}\n`);
const file = (name: string): string => join(scratch, name);
const readJson = (name: string): unknown => JSON.parse(readFileSync(file(name), "utf8"));

function verdict(name: string, passed: boolean, detail = ""): void {
  count[passed ? "passed" : "failed"]++;
  line(`${passed ? "passed" : "FAILED"}  ${name}${detail && `: ${detail}`}`);
}

/** Runs a tool of node_modules/.bin to its end; its output goes to our own. */
const tool = (argv: readonly string[]): boolean =>
  spawnSync(join("node_modules", ".bin", argv[0]), argv.slice(1), { stdio: "inherit" }).status === 0;

/** Files under version control: what a person draws or trains in the checkout is not ours to check. Empty, which means all, without Git. */
function trackedFiles(): string[] {
  const { status, stdout } = spawnSync("git", ["ls-files", "-z"], { encoding: "utf8" });
  return status === 0 ? stdout.split("\0").filter((name) => existsSync(name)) : [];
}

function checkProjects(): void {
  const listed = tool(["vitest", "list", "--filesOnly", `--json=${file("list.json")}`])
    ? (readJson("list.json") as readonly { readonly projectName: string }[])
    : [];
  const projects = config.test?.projects as readonly { readonly test: { readonly name: string } }[];
  for (const { name } of projects.map(({ test }) => test)) {
    const files = listed.filter(({ projectName }) => projectName === name).length;
    const streams = STREAMS.filter((stream) => stream.includes(name)).length;
    verdict(`tests of project ${name}`, files > 0 && streams === 1, `${files} files in ${streams} stream`);
  }
}

/** Test projects that run side by side, about equally long; each keeps one core busy. */
const STREAMS: readonly (readonly string[])[] = [
  ["gpu", "package", "cli"],
  ["cpu", "shaders", "fuzz", "browser"],
];
/** Threads of Mesa's processor adapter, which the streams share; 0 is the calling thread alone. */
const THREADS = Math.floor(availableParallelism() / STREAMS.length);

/** Runs a stream of test projects to its end: whether Vitest succeeded. Its report goes to `output`. */
function runStream(projects: readonly string[], output: string): Promise<boolean> {
  const options = ["--reporter=default", "--reporter=json", `--outputFile.json=${output}`];
  const named = projects.map((project) => `--project=${project}`);
  const env = { LP_NUM_THREADS: String(THREADS > 1 ? THREADS : 0), ...process.env };
  const child = spawn(join("node_modules", ".bin", "vitest"), ["run", ...options, ...named], { stdio: "inherit", env });
  return new Promise((resolve) => {
    child.on("error", () => resolve(false));
    child.on("close", (status) => resolve(status === 0));
  });
}

async function runTests(): Promise<void> {
  const ended = await Promise.all(STREAMS.map((projects, i) => runStream(projects, file(`report-${i}.json`))));
  for (const [i, succeeded] of ended.entries()) takeReport(`vitest ${STREAMS[i].join(", ")}`, `report-${i}.json`, succeeded);
}

function takeReport(name: string, path: string, succeeded: boolean): void {
  let report: Report;
  try {
    report = readJson(path) as Report;
  } catch {
    verdict(name, false, "it ended without a report");
    return;
  }
  count.passed += report.numPassedTests;
  count.failed += report.numFailedTests;
  count.skipped += report.numPendingTests + report.numTodoTests;
  // A file that does not load, or whose preparation fails, fails as a whole and no test of it does; a worker that dies reports nothing.
  for (const { name, status, assertionResults } of report.testResults)
    if (status === "failed" && !assertionResults.some((result) => result.status === "failed")) verdict(name, false, "outside its tests");
  if (!succeeded && report.numFailedTests === 0)
    verdict(name, false, "no test failed, and yet the run did: an error outside the tests, above");
}

process.chdir(fileURLToPath(new URL("../..", import.meta.url)));
try {
  for (const [name, argv] of Object.entries(CHECKS))
    verdict(name, tool(name === "format" ? [...argv, ...trackedFiles()] : argv), argv.join(" "));
  checkProjects();
  await runTests();
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
if (count.failed > 0) process.exitCode = 1;
line(`${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`);

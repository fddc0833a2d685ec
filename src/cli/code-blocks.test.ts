// Commands in the pages' code blocks and in the hints of messages: every command, script and flag exists.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Command } from "commander";
import { describe, expect, test } from "vitest";
import packageJson from "../../package.json" with { type: "json" };
import { createProgram } from "./program.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const SHELL = ["sh", "bash"];
/** First words of shell lines that are neither npm's nor ours. */
const TOOLS = ["bash", "cd", "deploy/submit.sh", "node", "scp", "snakemake"];
const NPM_COMMANDS = ["ci", "install", "test"];

const program = createProgram();
const scripts: Readonly<Record<string, string>> = packageJson.scripts;

const filesBelow = (folder: string, ending: string): string[] =>
  readdirSync(ROOT + folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(ending) && !name.includes("node_modules"))
    .map((name) => `${folder}/${name}`);
const pages = ["README.md", "data/README.md", ...filesBelow("docs", ".md"), ...filesBelow("bench", ".md")];
const sources = ["src", "bench"].flatMap((folder) => filesBelow(folder, ".ts")).filter((path) => !path.endsWith(".test.ts"));

/** What is wrong with the words that follow "striatum". */
function wrongCommand(words: readonly string[]): string[] {
  let command: Command = program;
  const rest = [...words];
  const flags = new Set(["--help", "-h", "--version"]);
  while (command.commands.length > 0 && rest.length > 0 && !rest[0].startsWith("-")) {
    const name = rest.shift();
    const next = command.commands.find((each) => each.name() === name);
    if (!next) return [`"${command.name()}" has no command "${name}"`];
    command = next;
    for (const { long, short } of command.options) for (const flag of [long, short]) if (flag) flags.add(flag);
  }
  return rest
    .map((word) => /^--?[a-zA-Z][\w-]*/.exec(word)?.[0])
    .filter((flag) => flag !== undefined && !flags.has(flag))
    .map((flag) => `"${command.name()}" has no option ${flag}`);
}

/** What is wrong with one command of a shell line. */
function wrongWords([first, second, ...rest]: readonly string[]): string[] {
  if (first === "npx" && second === "tsx") return existsSync(ROOT + rest[0]) ? [] : [`there is no file ${rest[0]}`];
  if (first === "npx") return second === "striatum" ? wrongCommand(rest) : [`npx ${second}: expected npx striatum`];
  if (first !== "npm") return TOOLS.includes(first) ? [] : [`"${first}" is not a known command`];
  if (second !== "run") return NPM_COMMANDS.includes(second) ? [] : [`npm ${second} is not a known command`];
  const script = scripts[rest[0]];
  if (script === undefined) return [`package.json has no script "${rest[0]}"`];
  const ours = /^node src\/cli\/striatum\.mjs (\w+)$/.exec(script);
  return ours ? wrongCommand([ours[1], ...rest.slice(1).filter((word) => word !== "--")]) : [];
}

/** What is wrong with the shell code of a page, as "line: problem". */
function wrongLines(text: string): string[] {
  let language: string | null = null;
  const wrong: string[] = [];
  const lines = text.split("\n");
  for (const [i, line] of lines.entries()) {
    const fence = /^\s*```(\w*)$/.exec(line);
    if (fence) {
      if (language === null && fence[1] === "") wrong.push(`${i + 1}: a code block without a language`);
      language = language === null ? fence[1] : null;
      continue;
    }
    if (language === null || !SHELL.includes(language)) continue;
    const continued = lines[i - 1]?.endsWith("\\") ?? false;
    // A word that the shell fills in may be any.
    const code = line
      .replace(/(^|\s)#.*$/, "")
      .replace(/\\$/, "")
      .replaceAll(/\$\([^)]*\)/g, "");
    if (continued || code.trim() === "") continue;
    for (const part of code.split(/&&|\|\||[;|]/)) {
      const words = part.trim().split(/\s+/);
      while (/^[A-Z_]+=/.test(words[0])) words.shift();
      wrong.push(...wrongWords(words).map((problem) => `${i + 1}: ${problem}`));
    }
  }
  return wrong;
}

const NAMES = program.commands.map((command) => command.name()).join("|");

/** What is wrong with commands in running text or in strings, as "line: problem". The first line of a source may begin with a command's name. */
function wrongHints(text: string): string[] {
  return text.split("\n").flatMap((line, i) => {
    const hints = [...line.matchAll(/npx striatum ([a-z][^`"'\\()|,;:#]*)/g)].map(([, words]) => words.split("  ")[0].trim().split(/\s+/));
    const bare = new RegExp(`(?<!npx |^// )\\bstriatum (${NAMES})\\b`).exec(line);
    return [...hints.flatMap(wrongCommand), ...(bare ? [`"${bare[0]}": expected npx ${bare[0]}`] : [])].map(
      (problem) => `${i + 1}: ${problem}`,
    );
  });
}

const read = (path: string): string => readFileSync(ROOT + path, "utf8");

describe("what readers are shown can be run", () => {
  test.each(pages)("%s", (path) => {
    const text = read(path);
    expect([...new Set([...wrongLines(text), ...wrongHints(text)])].map((problem) => `${path}:${problem}`)).toEqual([]);
  });

  test("hints and messages of the sources", () => {
    expect(sources.length).toBeGreaterThan(300);
    expect(sources.flatMap((path) => wrongHints(read(path)).map((problem) => `${path}:${problem}`))).toEqual([]);
  });
});

test.each([
  ["striatum doctor", ['"striatum" is not a known command']],
  ["npx striatum foo", ['"striatum" has no command "foo"']],
  ["npx striatum study foo --out x", ['"study" has no command "foo"']],
  ["npx striatum train --net alexnet --data d --epoch 3  # --no comment", ['"train" has no option --epoch']],
  ["npm ci && npm run studies", ['package.json has no script "studies"']],
  ["npm run study -- --sedes 0", ['"study" has no option --sedes']],
  ["npx striatum doctor --json", []],
])("a shell line is judged: %s", (line, problems) => {
  expect(wrongLines(`\`\`\`sh\n${line}\n\`\`\``)).toEqual(problems.map((problem) => `2: ${problem}`));
});

test.each([
  ['say("run  striatum verify  for more")', ['"striatum verify": expected npx striatum verify']],
  ["run `npx striatum verify --opp lrn` and see", ['"verify" has no option --opp']],
  ["start one with  npx striatum study plan --out ${out}`", []],
])("a hint is judged: %s", (line, problems) => {
  expect(wrongHints(line)).toEqual(problems.map((problem) => `1: ${problem}`));
});

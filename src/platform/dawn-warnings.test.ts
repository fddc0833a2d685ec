// Hiding Dawn's two warnings: in a process of its own, since stderr is the process's, and with the kinds of stderr that a shell gives it.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";

const WARNING =
  "Warning: maxDynamicUniformBuffersPerPipelineLayout artificially reduced from 1000000 to 16 to fit dynamic offset allocation limit.\n";
const onlyLinux = { skip: process.platform !== "linux" };

/** What reaches `sink`, a shell's redirection of stderr, from a program that prints "before", what is printed in `call`, and "after". */
function printed(call: string, sink: string, first = ""): string {
  const program = `
    import { readFile } from "node:fs/promises";
    import { writeSync } from "node:fs";
    import { withoutKnownWarnings } from ${JSON.stringify(join(import.meta.dirname, "dawn-warnings.ts"))};
    const print = (text) => writeSync(2, text);
    const WARNING = ${JSON.stringify(WARNING)};
    process.stderr.write("before\\n");
    ${first}
    try { withoutKnownWarnings(() => { ${call} }); } catch (error) { print(error.message + "\\n"); }
    process.stderr.write("after\\n");`;
  const { stdout, status } = spawnSync("sh", ["-c", `"$0" --import tsx --input-type=module -e "$1" ${sink}`, process.execPath, program], {
    encoding: "utf8",
    timeout: 10_000,
  });
  expect(status).toBe(0);
  return stdout;
}

test("a pipe: the warnings are hidden, all else is printed, in order", onlyLinux, () => {
  expect(printed('print(WARNING); print("Warning: another\\n"); print(WARNING);', "2>&1 >/dev/null | cat")).toBe(
    "before\nWarning: another\nafter\n",
  );
});

test("a call that throws leaves stderr as it was", onlyLinux, () => {
  expect(printed('print(WARNING); throw new Error("lost");', "2>&1 >/dev/null | cat")).toBe("before\nlost\nafter\n");
});

test("a file keeps what it has: nothing is hidden", onlyLinux, () => {
  const folder = mkdtempSync(join(tmpdir(), "striatum-"));
  try {
    printed("print(WARNING)", `2> ${folder}/log; echo shell >> ${folder}/log`);
    expect(readFileSync(join(folder, "log"), "utf8")).toBe(`before\n${WARNING}after\nshell\n`);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("nothing is hidden while a file is read", onlyLinux, () => {
  expect(printed("print(WARNING)", "2>&1 >/dev/null | cat", 'void readFile("/dev/null");')).toBe(`before\n${WARNING}after\n`);
});

test("a pipe with a name that nobody reads any more stops nothing", onlyLinux, () => {
  const folder = mkdtempSync(join(tmpdir(), "striatum-"));
  const pipe = join(folder, "pipe");
  try {
    spawnSync("mkfifo", [pipe]);
    const untilRead = "await new Promise((resolve) => setTimeout(resolve, 300));";
    expect(printed("print(WARNING)", `2> ${pipe} & head -n 1 ${pipe}; wait`, untilRead)).toBe("before\n");
  } finally {
    rmSync(folder, { recursive: true });
  }
});

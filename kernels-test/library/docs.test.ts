// The programs of docs/library.md run as printed, one after another in one process, in a folder that holds what they name.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { encode } from "fast-png";
import { afterAll, expect, test } from "vitest";
import { ENTRIES } from "../../deploy/entries.ts";
import { networks } from "../../src/models/index.ts";
import { smallWeights } from "../support/small-weights.ts";

const ROOT = join(import.meta.dirname, "../..");
const scratch = mkdtempSync(join(tmpdir(), "striatum-docs-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const programs = [...readFileSync(join(ROOT, "docs/library.md"), "utf8").matchAll(/^```(ts|js)\n(.*?)^```$/gms)].map(
  ([, language, text]) => ({ language, text }),
);

test("every program of the page runs to its end", () => {
  expect(programs.length).toBeGreaterThan(6);
  const found = join(scratch, "node_modules/striatum");
  for (const folder of [join(scratch, "weights"), found]) mkdirSync(folder, { recursive: true });
  const exported = ENTRIES.map((entry) => [entry === "index" ? "." : `./${entry}`, `./${entry}.ts`]);
  writeFileSync(join(found, "package.json"), JSON.stringify({ type: "module", exports: Object.fromEntries(exported) }));
  for (const entry of ENTRIES)
    writeFileSync(join(found, `${entry}.ts`), `export * from ${JSON.stringify(pathToFileURL(join(ROOT, `src/${entry}.ts`)).href)};\n`);
  writeFileSync(join(scratch, "package.json"), '{ "type": "module" }');
  writeFileSync(join(scratch, "weights/bvlc_googlenet.caffemodel"), smallWeights(networks["googlenet"], 10));
  writeFileSync(
    join(scratch, "cat.jpg"),
    encode({ width: 80, height: 80, channels: 1, depth: 8, data: new Uint8Array(6400).map((_, i) => i & 255) }),
  );
  const names = programs.map(({ language, text }, i) => {
    writeFileSync(join(scratch, `${i}.${language}`), text);
    return `./${i}.${language}`;
  });
  const all = names.map((name) => `await import("${name}");\nconsole.log("end of ${name}");\n`).join("");
  writeFileSync(join(scratch, "all.mjs"), all);
  const args = ["--import", pathToFileURL(join(ROOT, "node_modules/tsx/dist/esm/index.mjs")).href, "all.mjs"];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: scratch, encoding: "utf8", timeout: 110_000 });
  expect(stderr).not.toContain("Error");
  expect(status).toBe(0);
  for (const name of names) expect(stdout).toContain(`end of ${name}\n`);
  expect(stdout).toContain("true");
});

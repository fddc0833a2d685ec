// The library bundled for a browser, with both networks: small, and free of Node. kernels-test/browser/page.test.ts runs what is measured here.
import { gzipSync } from "node:zlib";
import type { Rolldown } from "vite";
import { beforeAll, expect, test } from "vitest";
import { ENTRIES } from "../../deploy/entries.ts";
import { bundleEntries, bundleLibrary } from "../support/library-bundle.ts";

const LIMIT_KB = 60;
/** What an entry takes beside the first load. The trainer carries what reads cases: it stands on what `train` stands on. */
const ENTRY_LIMITS_KB = { inspect: 58, networks: 18, onnx: 40, study: 205, synthetic: 40, trainer: 60 };
let chunks: ReadonlyMap<string, Rolldown.OutputChunk>;
/** What a page loads at once: the entry and what it imports, and what that imports. */
let first: Set<string>;

beforeAll(async () => {
  const bundle = await bundleLibrary();
  ({ chunks } = bundle);
  first = atOnce(bundle.entry, chunks);
});

/** A module, what it imports, and what that imports. */
function atOnce(entry: string, of: typeof chunks): Set<string> {
  const found = new Set<string>();
  const follow = (fileName: string): void => {
    if (found.has(fileName)) return;
    found.add(fileName);
    of.get(fileName)?.imports.forEach(follow);
  };
  follow(entry);
  return found;
}

const textOf = (names: Iterable<string>): string => [...names].map((name) => chunks.get(name)?.code ?? "").join("\n");

const kilobytesOf = (names: Iterable<string>, of = chunks): number =>
  [...names].reduce((sum, name) => sum + gzipSync(of.get(name)?.code ?? "", { level: 9 }).length, 0) / 1000;

test(`a page loads at most ${LIMIT_KB} kB gzip, both networks and the shaders of scoring included; all else follows when wanted`, () => {
  expect(textOf(first)).toContain("inception_5b");
  expect(textOf(first)).toContain("fc8");
  expect(textOf(chunks.keys())).toContain("subgroupShuffle");
  expect(textOf(first)).not.toContain("subgroupShuffle");
  expect(textOf(first)).toContain("//#slot");
  expect(textOf(first)).not.toContain("tiger cat");
  expect(textOf(chunks.keys())).toContain("tiger cat");
  expect(textOf(chunks.keys())).toContain("dims.momentum");
  expect(textOf(first)).not.toContain("dims.momentum");
  expect(textOf(chunks.keys())).toContain("batch-norm-moment");
  expect(textOf(first)).not.toContain("batch-norm-moment");
  process.stdout.write(
    `library: ${kilobytesOf(first).toFixed(1)} kB gzip at once, ${kilobytesOf(chunks.keys()).toFixed(1)} kB with everything\n`,
  );
  expect(kilobytesOf(first)).toBeLessThanOrEqual(LIMIT_KB);
});

test("an entry that loads when it is wanted takes no more than it should beside the first load", async () => {
  const { entries, chunks: all } = await bundleEntries();
  expect(Object.keys(entries).toSorted()).toEqual([...ENTRIES].toSorted());
  expect(["index", ...Object.keys(ENTRY_LIMITS_KB)]).toEqual(ENTRIES);
  const main = atOnce(entries["index"], all);
  for (const [name, limit] of Object.entries(ENTRY_LIMITS_KB)) {
    const more = [...atOnce(entries[name], all)].filter((file) => !main.has(file));
    const kilobytes = kilobytesOf(more, all);
    process.stdout.write(`striatum/${name}: ${kilobytes.toFixed(1)} kB gzip more\n`);
    expect(kilobytes).toBeGreaterThan(1);
    expect(kilobytes).toBeLessThanOrEqual(limit);
  }
});

test("nothing of Node is in any of it", () => {
  expect(chunks.size).toBeGreaterThan(1);
  for (const [name, { code }] of chunks) {
    const found = /["'`]node:\w+|\b(?:from|import|require)\s*\(?\s*["'`](?:fs|path|url|zlib|module|webgpu)\b/.exec(code);
    expect(found?.[0], name).toBeUndefined();
  }
});

// The library bundled for a browser, with both networks: small, and free of Node. kernels-test/browser/page.test.ts runs what is measured here.
import { gzipSync } from "node:zlib";
import type { Rolldown } from "vite";
import { beforeAll, expect, test } from "vitest";
import { bundleLibrary } from "../support/library-bundle.ts";

const LIMIT_KB = 60;
let chunks: ReadonlyMap<string, Rolldown.OutputChunk>;
/** What a page loads at once: the entry and what it imports, and what that imports. */
let first: Set<string>;

beforeAll(async () => {
  const bundle = await bundleLibrary();
  ({ chunks } = bundle);
  first = new Set();
  const follow = (fileName: string): void => {
    if (first.has(fileName)) return;
    first.add(fileName);
    chunks.get(fileName)?.imports.forEach(follow);
  };
  follow(bundle.entry);
});

const textOf = (names: Iterable<string>): string => [...names].map((name) => chunks.get(name)?.code ?? "").join("\n");

const kilobytesOf = (names: Iterable<string>): number =>
  [...names].reduce((sum, name) => sum + gzipSync(chunks.get(name)?.code ?? "", { level: 9 }).length, 0) / 1000;

test(`a page loads at most ${LIMIT_KB} kB gzip, both networks and the shaders of scoring included; all else follows when wanted`, () => {
  expect(textOf(first)).toContain("inception_5b");
  expect(textOf(first)).toContain("fc8");
  expect(textOf(first)).toContain("subgroupShuffle");
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

test("nothing of Node is in any of it", () => {
  expect(chunks.size).toBeGreaterThan(1);
  for (const [name, { code }] of chunks) {
    const found = /["'`]node:\w+|\b(?:from|import|require)\s*\(?\s*["'`](?:fs|path|url|zlib|module|webgpu)\b/.exec(code);
    expect(found?.[0], name).toBeUndefined();
  }
});

// The library bundled for a browser, with both networks and every shader: small, and free of Node.
import { gzipSync } from "node:zlib";
import { join } from "node:path";
import { build, type Rolldown } from "vite";
import { beforeAll, expect, test } from "vitest";
import { plainShaders } from "../../vite.config.ts";

const LIMIT_KB = 60;
const ROOT = join(import.meta.dirname, "../..");
let chunks: Map<string, Rolldown.OutputChunk>;
/** What a page loads at once: the entry and what it imports, and what that imports. */
let first: Set<string>;

beforeAll(async () => {
  const result = await build({
    configFile: false,
    logLevel: "error",
    root: ROOT,
    plugins: [plainShaders()],
    build: {
      write: false,
      target: "es2023",
      rolldownOptions: { input: join(ROOT, "src/index.ts"), preserveEntrySignatures: "strict" },
    },
  });
  const outputs = (Array.isArray(result) ? result : [result]).flatMap((each) => ("output" in each ? each.output : []));
  chunks = new Map(outputs.flatMap((output) => (output.type === "chunk" ? [[output.fileName, output] as const] : [])));
  first = new Set();
  const follow = (fileName: string): void => {
    if (first.has(fileName)) return;
    first.add(fileName);
    chunks.get(fileName)?.imports.forEach(follow);
  };
  for (const { fileName, isEntry } of chunks.values()) if (isEntry) follow(fileName);
});

const textOf = (names: Iterable<string>): string => [...names].map((name) => chunks.get(name)?.code ?? "").join("\n");

const kilobytesOf = (names: Iterable<string>): number =>
  [...names].reduce((sum, name) => sum + gzipSync(chunks.get(name)?.code ?? "", { level: 9 }).length, 0) / 1000;

test(`a page loads at most ${LIMIT_KB} kB gzip, both networks and all shaders included; decoders and training follow when wanted`, () => {
  expect(textOf(first)).toContain("inception_5b");
  expect(textOf(first)).toContain("fc8");
  expect(textOf(first)).toContain("subgroupShuffle");
  expect(textOf(first)).toContain("//#slot");
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

// The package as others get it: packed, installed into an empty project, and used there by each kind of consumer, whose answer is that of the sources.
// Skipped, and counted, where the registry does not answer; the pages also where Chromium is absent.
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, type TestContext } from "vitest";
import packageJson from "../../package.json" with { type: "json" };
import { findChromium } from "../../src/cli/host/chromium.ts";
import { googlenet, loadImage, openDevice, type Guess } from "../../src/index.ts";
import { Consumer } from "./consumer.ts";
import { Pages } from "./pages.ts";

const ROOT = join(import.meta.dirname, "../..");
const TYPED = `import { googlenet, openDevice, type Guess } from "striatum";
const device = await openDevice();
const gpu: GPUDevice = device.gpu;
const guesses: Guess[] = await (await googlenet.load(device, gpu.label)).classify({ width: 1, height: 1, channels: 1, data: new Uint8Array(1) });
// @ts-expect-error the engine is not public
guesses.push(device.engine);
`;
/** Chromium and Node compute on different adapters. */
const TOLERANCE = 1e-4;

let consumer: Consumer;
let reachable: boolean;
let withoutWebGpu: { readonly downloaded: boolean; readonly error: string };
let wanted: readonly Guess[];

beforeAll(async () => {
  consumer = new Consumer();
  reachable = spawnSync("npm", ["view", "valibot", "version", "--fetch-retries=0"], { timeout: 30_000 }).status === 0;
  if (reachable) {
    consumer.install();
    const { stderr } = spawnSync(process.execPath, ["main.js"], { cwd: join(consumer.folder, "node"), encoding: "utf8" });
    withoutWebGpu = { downloaded: consumer.has("node_modules/webgpu"), error: stderr };
    consumer.installWebGpu();
  }
  const device = await openDevice();
  const net = await googlenet.load(device, consumer.weights);
  wanted = await net.classify(await loadImage(consumer.picture));
  await device.dispose();
}, 300_000);

afterAll(() => consumer?.remove());

const needsRegistry = ({ skip }: TestContext): void => {
  if (!reachable) skip("the package registry does not answer");
};

/** As the examples print them. */
const printed = (guesses: readonly Guess[]): string => guesses.map(({ label, score }) => `${score.toFixed(6)} ${label}\n`).join("");
const labels = (text: string): string[] => text.split("\n").map((line) => line.replace(/^\S+ /, ""));
const scores = (text: string): number[] => text.split("\n").map(parseFloat);

test("the tarball holds what runs and no more", () => {
  const outside = consumer.packed.filter(
    (path) => !/^(dist\/(node|browser|types)|shaders)\//.test(path) && !["package.json", "README.md", "LICENSE"].includes(path),
  );
  expect(outside).toEqual(["src/cli/striatum.mjs"]);
  expect(consumer.packed.filter((path) => /(?<!\.d)\.ts$|\btest\b|\bbench\b/.test(path))).toEqual([]);
});

test("nothing of Node is in dist/browser", (context) => {
  needsRegistry(context);
  const folder = "node_modules/striatum/dist/browser";
  const files = readdirSync(join(consumer.folder, folder), { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".js"));
  expect(files).toContain("striatum.min.js");
  for (const file of files) {
    const found = /["'`]node:\w+|__vite-browser-external|\b(?:from|import|require)\s*\(?\s*["'`](?:fs|path|url|zlib|module|webgpu)\b/.exec(
      file + consumer.read(join(folder, file)),
    );
    expect(found?.[0], file).toBeUndefined();
  }
});

test("the examples ask for this version", () => {
  for (const name of ["node", "vite", "worker"]) {
    const { dependencies } = JSON.parse(consumer.read(`${name}/package.json`)) as typeof packageJson;
    expect(dependencies).toMatchObject({ striatum: `^${packageJson.version}` });
  }
  expect(consumer.read("script-tag/index.html")).toContain(`/striatum@${packageJson.version}/`);
});

test("an install brings no webgpu; without it openDevice() says how to get it", (context) => {
  needsRegistry(context);
  expect(withoutWebGpu.downloaded).toBe(false);
  expect(withoutWebGpu.error).toMatch(/^Error: .*npm i webgpu/m);
});

describe.each([
  ["this Node", ""],
  ["Node 22", "node@22"],
  ["Node 24", "node@24"],
])("%s", (_, release) => {
  let node: string;

  beforeAll(() => {
    if (reachable) node = release ? consumer.run("npx", ["--yes", release, "-p", "process.execPath"]).trim() : process.execPath;
  });

  test("import: answers as the sources do", (context) => {
    needsRegistry(context);
    expect(consumer.run(node, ["main.js"], join(consumer.folder, "node"))).toBe(printed(wanted));
  });

  test("require: answers as the sources do", (context) => {
    needsRegistry(context);
    const asModule = consumer.read("node/main.js");
    const asScript = asModule.replace(/^import (.*) from (.*);$/m, "const $1 = require($2); (async () => {") + "})();";
    consumer.write("node/main.cjs", asScript);
    expect(consumer.run(node, ["main.cjs"], join(consumer.folder, "node"))).toBe(printed(wanted));
  });
});

describe.each([
  ["TypeScript 7", join(ROOT, "node_modules/typescript/bin/tsc")],
  ["TypeScript 5", "node_modules/typescript-5/bin/tsc"],
])("%s, strict", (_, tsc) => {
  test.for([
    ["bundler", "esnext", "true"],
    ["bundler", "esnext", "false"],
    ["nodenext", "nodenext", "true"],
    ["nodenext", "nodenext", "false"],
  ])("moduleResolution %s, module %s, skipLibCheck %s: no error", ([resolution, module, skip], context) => {
    needsRegistry(context);
    consumer.write("typed.mts", TYPED);
    const options = ["--noEmit", "--strict", "--target", "es2022", "--lib", "es2022,dom", "--types", ""];
    consumer.run(process.execPath, [
      tsc,
      ...options,
      "--module",
      module,
      "--moduleResolution",
      resolution,
      "--skipLibCheck",
      skip,
      "typed.mts",
    ]);
  });
});

test("the command line starts by its name, and finds the adapter", (context) => {
  needsRegistry(context);
  expect(consumer.run("npx", ["--no-install", "striatum", "--version"])).toBe(`${packageJson.version}\n`);
  expect(consumer.run("npx", ["--no-install", "striatum", "doctor"])).toContain("ready");
});

describe.skipIf(!findChromium())("in Chromium", () => {
  let pages: Pages;
  let first: string | undefined;

  beforeAll(async () => {
    pages = await Pages.open(consumer);
  });

  afterAll(() => pages?.close());

  test.each(Pages.KINDS)("%s: answers as Node does, and as the other pages do", async (kind) => {
    const text = await pages.answer(kind);
    expect(labels(text)).toEqual(labels(printed(wanted)));
    scores(printed(wanted)).forEach((score, i) => i < wanted.length && expect(Math.abs(scores(text)[i] - score)).toBeLessThan(TOLERANCE));
    expect(text).toBe((first ??= text));
  });
});

// The package as others get it: packed, installed into an empty project, and used there by each kind of consumer, whose answer is that of the sources.
// Skipped, and counted, where the registry does not answer; the pages also where Chromium is absent.
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, type TestContext } from "vitest";
import packageJson from "../../package.json" with { type: "json" };
import { findChromium } from "../../src/cli/host/chromium.ts";
import { loadFrameEncoders } from "../../src/codecs/frame-encoders.ts";
import { googlenet, loadImage, openDevice, type Guess } from "../../src/index.ts";
import { Consumer } from "./consumer.ts";
import { Pages } from "./pages.ts";

const ROOT = join(import.meta.dirname, "../..");
const typed = (gpu: string): string => `import { googlenet, openDevice, type Guess } from "striatum";
import { microscope, type Look } from "striatum/inspect";
import { openTrainer, type Trainer } from "striatum/trainer";
const device = await openDevice();
const gpu: ${gpu} = device.gpu;
const net = await googlenet.load(device, "weights.safetensors");
const guesses: Guess[] = await net.classify({ width: 1, height: 1, channels: 1, data: new Uint8Array(1) });
const trainer: Trainer = await openTrainer(device, googlenet({ classes: 2 }), { samples: [{ image: new ImageData(1, 1), label: 0 }] });
const looks: Look[] = [await microscope(net).look("cat.jpg"), await microscope(trainer).look(new Blob())];
guesses.length = looks.length;
// @ts-expect-error the engine is not public
guesses.push(device.engine, gpu);
`;
/** Chromium and Node compute on different adapters. */
const TOLERANCE = 1e-4;
const JPEG_LS = "1.2.840.10008.1.2.4.80";

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
  const net = await googlenet.load(device, join(ROOT, "data/weights/googlenet-quarter-fractals.safetensors"));
  wanted = await net.classify(await loadImage(join(ROOT, "examples/node/fractal-7.png")));
  await device.dispose();
}, 300_000);

afterAll(() => consumer?.remove());

const needsRegistry = ({ skip }: TestContext): void => {
  if (!reachable) skip("the package registry does not answer");
};

/** As the examples print them. */
const printed = (guesses: readonly Guess[]): string => guesses.map(({ label, score }) => `${score.toFixed(6)} ${label}\n`).join("");

const read = (text: string): Guess[] =>
  [...text.matchAll(/^(\S+) (.*)$/gm)].map(([, score, label]) => ({ label, score: Number(score) }) as Guess);

test("the tarball holds what runs and no more", () => {
  const outside = consumer.packed.filter(
    (path) =>
      !/^(dist\/(node|browser|types)|data\/weights|shaders)\//.test(path) && !["package.json", "README.md", "LICENSE"].includes(path),
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
    const found = /__vite-browser-external|\b(?:from|import|require)\s*\(?\s*["'`](?:node:|(?:fs|path|url|zlib|module|webgpu)\b)/.exec(
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
    const answer = consumer.run(node, ["main.js"], join(consumer.folder, "node"));
    expect(answer).toBe(printed(wanted));
    // A picture that the weights have not been trained on.
    expect(answer).toMatch(/^(1|0\.9)\S* fractal 7\n/);
  });

  test("import: the other entries see the network that the first has loaded", (context) => {
    needsRegistry(context);
    const program = `import { fileURLToPath } from "node:url";
      import { googlenet, openDevice } from "striatum";
      import { microscope } from "striatum/inspect";
      import { openTrainer } from "striatum/trainer";
      const device = await openDevice();
      const weights = new URL(import.meta.resolve("striatum/weights/googlenet-quarter-fractals.safetensors"));
      const net = await googlenet.load(device, fileURLToPath(weights));
      console.log(microscope(net).layers.length > 100, typeof openTrainer);
      await device.dispose();`;
    consumer.write("node/entries.mjs", program);
    expect(consumer.run(node, ["entries.mjs"], join(consumer.folder, "node"))).toBe("true function\n");
  });

  test("require: answers as the sources do", (context) => {
    needsRegistry(context);
    const asModule = consumer.read("node/main.js");
    const asScript = asModule
      .replaceAll(/^import (.*) from (.*);$/gm, "const $1 = require($2);")
      .replace(/fileURLToPath\(import\.meta\.resolve\((.*)\)\)/, "require.resolve($1)")
      .replace(/^const device/m, "(async () => {\n$&")
      .concat("})();");
    consumer.write("node/main.cjs", asScript);
    expect(consumer.run(node, ["main.cjs"], join(consumer.folder, "node"))).toBe(printed(wanted));
  });
});

const TYPESCRIPT_5 = "node_modules/typescript-5/bin/tsc";

function checkTypes(tsc: string, types: readonly string[], gpu: string, options: object): void {
  const compilerOptions = { ...options, noEmit: true, strict: true, target: "es2022", lib: ["es2022", "dom"], types };
  consumer.write("typed.mts", typed(gpu));
  consumer.write("tsconfig.json", JSON.stringify({ compilerOptions, files: ["typed.mts"] }));
  consumer.run(process.execPath, [tsc, "-p", "."]);
}

describe.each([
  ["TypeScript 7", join(ROOT, "node_modules/typescript/bin/tsc"), []],
  ["TypeScript 5", TYPESCRIPT_5, ["@webgpu/types"]],
])("%s, strict", (_, tsc, types) => {
  test.for([
    ["bundler", "esnext", true],
    ["bundler", "esnext", false],
    ["nodenext", "nodenext", true],
    ["nodenext", "nodenext", false],
  ] as const)("moduleResolution %s, module %s, skipLibCheck %s: no error", ([moduleResolution, module, skipLibCheck], context) => {
    needsRegistry(context);
    checkTypes(tsc, types, "GPUDevice", { moduleResolution, module, skipLibCheck });
  });
});

test("TypeScript 5 without @webgpu/types: no error", (context) => {
  needsRegistry(context);
  checkTypes(TYPESCRIPT_5, [], "unknown", { module: "nodenext", skipLibCheck: false });
});

test("the command line starts by its name, and finds the adapter", (context) => {
  needsRegistry(context);
  expect(consumer.run("npx", ["--no-install", "striatum", "--version"])).toBe(`${packageJson.version}\n`);
  const printed = consumer.run("sh", ["-c", "npx --no-install striatum doctor 2>&1 | cat"]);
  expect(printed).toMatch(/^self-test +passed/m);
  expect(printed).toMatch(/^ready$/m);
  expect(printed).not.toContain("artificially reduced");
});

test("the weights that ship are found where the package is installed", (context) => {
  needsRegistry(context);
  const plan = consumer.run("npx", ["--no-install", "striatum", "study", "plan", "--out", "study"]);
  expect(plan).toMatch(/starts of the weights .*AlexNet fractal-pretrained \(32 categories.*GoogLeNet fractal-pretrained/);
});

describe.skipIf(!findChromium())("in Chromium", () => {
  let pages: Pages;
  let first: string | undefined;

  beforeAll(async () => {
    pages = await Pages.open(consumer);
  });

  afterAll(() => pages?.close());

  test.for(Pages.KINDS)("%s: answers as Node does, and as the other pages do", async (kind, context) => {
    needsRegistry(context);
    const text = await pages.answer(kind);
    const guesses = read(text);
    expect(guesses.map(({ label }) => label)).toEqual(wanted.map(({ label }) => label));
    guesses.forEach(({ score }, i) => expect(Math.abs(score - wanted[i].score)).toBeLessThan(TOLERANCE));
    expect(text).toBe((first ??= text));
  });

  test("a compressed DICOM frame is decoded from the CDN's file", async (context) => {
    needsRegistry(context);
    const stored = Int16Array.from({ length: 64 }, (_, i) => i * i - 900);
    const codeStream = (await loadFrameEncoders())[JPEG_LS]({ rows: 8, columns: 8, stored, bitsStored: 16 });
    expect(await pages.decoded(JPEG_LS, codeStream)).toEqual([...stored]);
  });
});

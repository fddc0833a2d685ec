// The package as others get it: packed, installed into an empty project, and used there. Skipped, and counted, where the registry does not answer.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, type TestContext } from "vitest";
import packageJson from "../../package.json" with { type: "json" };
import { googlenet, openDevice, type Guess, type Picture } from "../../src/index.ts";
import { googlenet as layers } from "../../src/models/googlenet.ts";
import { smallWeights } from "../support/small-weights.ts";

const ROOT = join(import.meta.dirname, "../..");
const PICTURE: Picture = { width: 64, height: 64, channels: 3, data: Uint8Array.from({ length: 64 * 64 * 3 }, (_, i) => (i * 7) & 255) };
const PROGRAM = `
const device = await openDevice();
const net = await googlenet.load(device, "weights.safetensors");
const data = Uint8Array.from({ length: 64 * 64 * 3 }, (_, i) => (i * 7) & 255);
console.log(JSON.stringify(await net.classify({ width: 64, height: 64, channels: 3, data })));
await device.dispose();`;
const TYPED = `import { googlenet, openDevice, type Guess } from "striatum";
const device = await openDevice();
const gpu: GPUDevice = device.gpu;
const guesses: Guess[] = await (await googlenet.load(device, gpu.label)).classify({ width: 1, height: 1, channels: 1, data: new Uint8Array(1) });
// @ts-expect-error the engine is not public
guesses.push(device.engine);
`;

let folder: string;
let installed = false;
let wanted: readonly Guess[];

function run(command: string, args: readonly string[], cwd = folder): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: "utf8", timeout: 110_000 });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")}: ${error?.message ?? stdout + stderr}`);
  return stdout;
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "striatum-package-"));
  run("npm", ["pack", "--silent", "--pack-destination", folder], ROOT);
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  writeFileSync(join(folder, "weights.safetensors"), smallWeights(layers, 10));
  const packages = [`./striatum-${packageJson.version}.tgz`, `webgpu@${packageJson.devDependencies.webgpu}`];
  const reachable =
    spawnSync("npm", ["view", "valibot", "version", "--fetch-retries=0"], { encoding: "utf8", timeout: 30_000 }).status === 0;
  if (reachable) run("npm", ["install", "--prefer-offline", "--no-audit", "--no-fund", ...packages]);
  installed = reachable;
  const device = await openDevice();
  const net = await googlenet.load(device, join(folder, "weights.safetensors"));
  wanted = await net.classify(PICTURE);
  await device.dispose();
}, 300_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const needsRegistry = ({ skip }: TestContext): void => {
  if (!installed) skip("the package registry does not answer");
};

test("Node, import: answers as the sources do", (context) => {
  needsRegistry(context);
  writeFileSync(join(folder, "import.mjs"), `import { googlenet, openDevice } from "striatum";${PROGRAM}`);
  expect(JSON.parse(run(process.execPath, ["import.mjs"]))).toEqual(wanted);
});

test("Node, require: answers as the sources do", (context) => {
  needsRegistry(context);
  writeFileSync(join(folder, "require.cjs"), `const { googlenet, openDevice } = require("striatum");(async () => {${PROGRAM}})();`);
  expect(JSON.parse(run(process.execPath, ["require.cjs"]))).toEqual(wanted);
});

test.for([
  ["bundler", "esnext", "true"],
  ["bundler", "esnext", "false"],
  ["nodenext", "nodenext", "true"],
  ["nodenext", "nodenext", "false"],
])("tsc, moduleResolution %s, module %s, skipLibCheck %s: no error", ([resolution, module, skip], context) => {
  needsRegistry(context);
  writeFileSync(join(folder, "typed.mts"), TYPED);
  const options = ["--noEmit", "--strict", "--target", "es2022", "--lib", "es2022,dom", "--types", "", "--ignoreConfig"];
  run(join(ROOT, "node_modules/.bin/tsc"), [
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

test("the command line starts by its name", (context) => {
  needsRegistry(context);
  expect(run("npx", ["--no-install", "striatum", "--version"])).toBe(`${packageJson.version}\n`);
});

// What programs do with the library, in Node: support/programs.ts says what. kernels-test/browser/programs.test.ts runs the same in Chromium.
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encode } from "fast-png";
import { afterAll, beforeAll, expect, test } from "vitest";
import { alexnet, googlenet, openDevice, type Device } from "../../src/index.ts";
import { networks } from "../../src/models/index.ts";
import { readWeights } from "../../src/weights/load.ts";
import { joinChunks } from "../../src/weights/protobuf.ts";
import { readSafetensors, writeSafetensors } from "../../src/weights/safetensors.ts";
import { FilesServer } from "../browser/files-server.ts";
import { accepted, programs, wrongArguments, type ProgramContext } from "../support/programs.ts";
import { smallWeights } from "../support/small-weights.ts";

const PICTURE = encode({ width: 80, height: 80, channels: 1, depth: 8, data: Uint8Array.from({ length: 6400 }, (_, i) => (i * 7) & 255) });
const GOOGLENET = smallWeights(networks["googlenet"], 5);

let device: Device;
let server: FilesServer;
let context: ProgramContext;

beforeAll(async () => {
  server = await FilesServer.open(
    new Map([
      ["googlenet.safetensors", GOOGLENET],
      ["alexnet.safetensors", smallWeights(networks["alexnet"], 5)],
      ["cat.png", PICTURE],
    ]),
  );
  context = {
    weights: { googlenet: `${server.url}googlenet.safetensors`, alexnet: `${server.url}alexnet.safetensors` },
    picture: `${server.url}cat.png`,
    folder: mkdtempSync(join(tmpdir(), "striatum-programs-")),
  };
  device = await openDevice();
});
afterAll(async () => {
  await device.dispose();
  await server.close();
  rmSync(context.folder, { recursive: true, force: true });
});

test.each(Object.keys(programs))("%s", (name) => programs[name](device, context));

test(`${wrongArguments.length} wrong arguments: each a TypeError that says what came and what is accepted`, async () => {
  expect(await accepted(device, context)).toEqual([]);
});

test("paths and file URLs are read as addresses are", async () => {
  const path = join(context.folder, "weights.safetensors");
  const net = await googlenet.load(device, context.weights.googlenet);
  await net.save(path);
  for (const source of [path, new URL(`file://${path}`), `file://${path}`]) (await googlenet.load(device, source)).dispose();
  net.dispose();
});

test("what was saved has the weights bit for bit, in each form, and loads again", async () => {
  const { tensors } = readSafetensors(GOOGLENET, "weights");
  const net = await googlenet.load(device, GOOGLENET, { labels: ["a", "b", "c", "d", "e"] });
  const wanted = await net.classify(PICTURE);
  for (const ending of ["safetensors", "caffemodel"]) {
    const path = join(context.folder, `kept.${ending}`);
    await net.save(path);
    const kept = readWeights(readFileSync(path), path);
    for (const [name, { shape, data }] of tensors) {
      expect(kept.get(name)?.data, name).toEqual(data);
      expect(kept.get(name)?.shape, name).toEqual(shape);
    }
  }
  const again = await googlenet.load(device, join(context.folder, "kept.safetensors"));
  expect(await again.classify(PICTURE)).toEqual(wanted);
  await net.save(join(context.folder, "named"), { format: "onnx" });
  expect(readFileSync(join(context.folder, "named")).length).toBeGreaterThan(GOOGLENET.length * 0.9);
  again.dispose();
  net.dispose();
});

test("an explanation is of the picture that is classified: cut to the head once", async () => {
  const { tensors, metadata } = readSafetensors(GOOGLENET, "weights");
  const zoomed = joinChunks([...writeSafetensors([...tensors], { ...metadata, headCrop: "0.7" })]);
  using net = await googlenet.load(device, zoomed);
  const inHead = (i: number): boolean => Math.hypot((i % 120) - 60, Math.floor(i / 120) - 50) < 40;
  const data = Uint8Array.from({ length: 120 * 120 }, (_, i) => (inHead(i) ? 60 + ((i * 37) % 190) : 0));
  const picture = { width: 120, height: 120, data };
  const scores = await net.classify(picture);
  for (const { index, score } of scores) {
    const said = await net.explain(picture, { class: index });
    expect(said.score).toBe(score);
  }
  const uncut = await googlenet.load(device, GOOGLENET);
  expect(await uncut.classify(picture)).not.toEqual(scores);
  uncut.dispose();
});

test("a kept copy is used without the server, and one that is damaged is not", async () => {
  const own = await FilesServer.open(new Map([["alexnet.safetensors", smallWeights(networks["alexnet"], 3)]]));
  const address = `${own.url}alexnet.safetensors`;
  const cache = join(context.folder, "kept");
  (await alexnet.load(device, address, { cache })).dispose();
  await own.close();
  const net = await alexnet.load(device, address, { cache });
  expect(net.labels).toHaveLength(3);
  net.dispose();
  await expect(alexnet.load(device, address)).rejects.toThrow("the server does not answer");
  const integrity = `sha256-${"A".repeat(43)}=`;
  await expect(alexnet.load(device, address, { cache, integrity })).rejects.toThrow("the server does not answer");
  expect(existsSync(cache)).toBe(true);
});

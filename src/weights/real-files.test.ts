// The readers on genuine files, where the shared folder beside the repository has them (STRIATUM_SHARED names another place).
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readBinaryproto, readCaffemodel, type CaffeNet } from "./caffemodel.ts";
import { loadWeights, readWeights } from "./load.ts";
import { describeOrigin, originOf } from "./origin.ts";

const folder = join(process.env["STRIATUM_SHARED"] ?? join(import.meta.dirname, "../../../shared"), "data/weights");
const has = (name: string): boolean => existsSync(join(folder, name));
const read = (name: string): Uint8Array => readFileSync(join(folder, name));

const count = (net: CaffeNet): number => net.layers.flatMap(({ blobs }) => blobs).reduce((sum, { data }) => sum + data.length, 0);

const googlenet = "bvlc_googlenet_deploy.caffemodel";
const alexnet = "bvlc_alexnet_conv_trunk.safetensors";
const mean = "caffe-meta/imagenet_mean.binaryproto";

test.skipIf(!has(googlenet))("BVLC GoogLeNet: 58 layers, 116 blobs, 6,998,552 values", () => {
  const bytes = read(googlenet);
  const net = readCaffemodel(bytes, googlenet);
  expect(net.name).toBe("GoogleNet");
  expect(net.layers.length).toBe(58);
  expect(net.layers.flatMap(({ blobs }) => blobs).length).toBe(116);
  expect(count(net)).toBe(6_998_552);
  const weights = readWeights(bytes, googlenet);
  expect(weights.get("conv1/7x7_s2/weight")?.shape).toEqual([64, 3, 7, 7]);
  expect(weights.get("inception_3a/5x5_reduce/bias")?.shape).toEqual([16]);
  const expected = new Map([...weights].map(([name, { shape }]) => [name, name.startsWith("loss3/") ? [3, ...shape.slice(1)] : shape]));
  expect(() => loadWeights(bytes, googlenet, expected)).toThrow("pass --rename-last (renameLast: loss3/classifier)");
  const tuned = loadWeights(bytes, googlenet, expected, { renameLast: ["loss3/classifier"] });
  expect([tuned.values.size, tuned.fresh.length]).toEqual([114, 2]);
});

test.skipIf(!has(alexnet))("BVLC AlexNet's trunk: 10 tensors under our names, 2,334,080 values", () => {
  const weights = readWeights(read(alexnet), alexnet);
  expect([...weights].map(([name, { shape }]) => `${name} ${shape.join("x")}`)).toEqual([
    "conv1/weight 96x3x11x11",
    "conv1/bias 96",
    "conv2/weight 256x48x5x5",
    "conv2/bias 256",
    "conv3/weight 384x256x3x3",
    "conv3/bias 384",
    "conv4/weight 384x192x3x3",
    "conv4/bias 384",
    "conv5/weight 256x192x3x3",
    "conv5/bias 256",
  ]);
  expect([...weights.values()].reduce((sum, { data }) => sum + data.length, 0)).toBe(2_334_080);
});

test.skipIf(!has("caffe-written-samples")).each([
  ["det1", 6_962],
  ["det2", 101_468],
  ["det3", 389_040],
  ["det4", 64_460],
])("%s.caffemodel as Caffe wrote it: %i values", (name, values) => {
  const file = `caffe-written-samples/${name}.caffemodel`;
  const net = readCaffemodel(read(file), file);
  expect(count(net)).toBe(values);
  expect(net.layers.map(({ type }) => type)).toContain("Convolution");
});

test.skipIf(!has(mean))("ImageNet's mean image: the known mean of each channel", () => {
  const { shape, data } = readBinaryproto(read(mean), mean);
  expect(shape).toEqual([1, 3, 256, 256]);
  const plane = 256 * 256;
  const means = [0, 1, 2].map(
    (channel) => data.subarray(channel * plane, (channel + 1) * plane).reduce((sum, value) => sum + value, 0) / plane,
  );
  for (const [channel, known] of [104.00699, 116.66877, 122.67891].entries()) expect(means[channel]).toBeCloseTo(known, 4);
});

test.skipIf(!has(googlenet))(
  "BVLC GoogLeNet in a container that Caffe did not write: its values are known, the file is not the published one",
  async () => {
    const origin = await originOf(read(googlenet), googlenet, []);
    expect(origin).toMatchObject({ kind: "imagenet-bvlc", likeness: "values" });
    expect(describeOrigin(origin)).toContain("not compared with the published file");
  },
);

test.skipIf(!has(alexnet))("BVLC AlexNet's quantised trunk is called near, not equal", async () => {
  expect(await originOf(read(alexnet), alexnet, [])).toMatchObject({ kind: "imagenet-bvlc", likeness: "near" });
});

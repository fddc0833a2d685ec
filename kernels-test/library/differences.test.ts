// The gradients of a look against finite differences in float64: twenty random values of each kind of layer with weights, and of biases, of both networks.
import { afterAll, beforeAll, expect, test } from "vitest";
import { openDevice, type Device } from "../../src/index.ts";
import { microscope } from "../../src/inspect.ts";
import { fractals } from "../../src/synthetic.ts";
import { philox } from "../../src/tensor/philox.ts";
import { trained } from "../support/trained.ts";

/** One parameter of each kind: what its layer is, and what kernels treat differently. */
const KINDS = {
  alexnet: {
    "a convolution of the pixels, stride 4": "conv1/weight",
    "a convolution in two groups": "conv2/weight",
    "a convolution of one group": "conv3/weight",
    "an inner product of a map": "fc6/weight",
    "an inner product of a vector": "fc7/weight",
    "a classifier": "fc8/weight",
    "biases of a convolution": "conv4/bias",
    "biases of an inner product": "fc6/bias",
  },
  googlenet: {
    "a convolution of the pixels, stride 2": "conv1/7x7_s2/weight",
    "a 1 x 1 convolution": "conv2/3x3_reduce/weight",
    "a 3 x 3 convolution": "conv2/3x3/weight",
    "a module's 1 x 1 branch": "inception_3a/1x1/weight",
    "a module's reduction before 3 x 3": "inception_3b/3x3_reduce/weight",
    "a module's 3 x 3 branch": "inception_4a/3x3/weight",
    "a module's reduction before 5 x 5": "inception_4c/5x5_reduce/weight",
    "a module's 5 x 5 branch": "inception_4e/5x5/weight",
    "a module's projection after pooling": "inception_5a/pool_proj/weight",
    "a classifier": "loss3/classifier/weight",
    "biases of a branch": "inception_5b/3x3/bias",
    "biases of a classifier": "loss3/classifier/bias",
  },
} as const;
const VALUES = 20;
/** Share of a layer's largest gradient that float32's roundings, from the pixels on, may put any of its gradients off by: three times the largest seen. */
const CARRIED = 2e-5;

let device: Device;
beforeAll(async () => {
  device = await openDevice();
});
afterAll(() => device.dispose());

test.each(["alexnet", "googlenet"] as const)(
  "%s: gradients are the finite differences of twenty values of each kind of layer",
  async (net) => {
    const pictures = fractals({ seed: 4, categories: 3, instances: 8, size: 72 });
    const samples = [...pictures];
    using trainer = await trained(device, net, { samples, labels: pictures.labels, batch: 4, steps: 2 });
    using scope = microscope(trainer);
    const kinds = Object.entries(KINDS[net]);
    const look = await scope.look(samples[1].image, { of: { loss: 1 }, parameters: kinds.map(([, name]) => name) });
    let kinked = 0;
    let compared = 0;
    let sharp = 0;
    for (const [kind, [what, name]] of kinds.entries()) {
      const { data } = await look.read(`gradient:${name}`);
      const largest = data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      expect(largest, what).toBeGreaterThan(0);
      for (let i = 0; i < Math.min(VALUES, data.length); i++) {
        const index = data.length <= VALUES ? i : philox([7, kind], [i, 0, 0, 0])[0] % data.length;
        const { value, error, kinks } = await look.difference(name, index);
        if (kinks > 0) {
          kinked++;
          continue;
        }
        const tolerance = error + CARRIED * largest;
        expect(Math.abs(value - data[index]), `${what}: ${name}, value ${index}`).toBeLessThanOrEqual(tolerance);
        compared++;
        if (tolerance < 0.01 * Math.abs(value)) sharp++;
      }
    }
    // Kinks within the smallest step are rare, and most comparisons would notice a gradient that is off by 1 %.
    expect(kinked).toBeLessThanOrEqual(2);
    expect(sharp / compared, `${sharp} of ${compared}`).toBeGreaterThan(0.6);
  },
  300_000,
);

test("where a value lies within float32's rounding of a kink, the difference says so: the kernel's gradient may be the one beyond it", async () => {
  const pictures = fractals({ seed: 0, categories: 4, instances: 40, size: 72 });
  const samples = [...pictures];
  using trainer = await trained(device, "googlenet", { samples, labels: pictures.labels, batch: 8, steps: 12 });
  using scope = microscope(trainer);
  const name = "conv1/7x7_s2/weight";
  let near = 0;
  let apart = 0;
  for (const { image, label } of samples.slice(0, 12)) {
    const look = await scope.look(image, { of: { loss: pictures.labels.indexOf(label) }, parameters: [name] });
    const { data } = await look.read(`gradient:${name}`);
    const largest = data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const found = await look.difference(name, 24);
    if (found.near > 0) near++;
    // No picture's gradient is off without a kink that is near.
    if (Math.abs(found.value - data[24]) > found.error + CARRIED * largest) {
      apart++;
      expect(found.kinks + found.near).toBeGreaterThan(0);
    }
  }
  expect(near).toBeGreaterThan(0);
  expect(near).toBeLessThan(12);
  expect(apart).toBeLessThanOrEqual(near);
});

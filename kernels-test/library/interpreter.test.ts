// A whole network in float64 on the host: the values, gradients and finite differences that a microscope's look has, and a trainer's start.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { alexnet, googlenet, openDevice, type Device } from "../../src/index.ts";
import { interpreter, microscope, untrainedInterpreter } from "../../src/inspect.ts";
import { networks } from "../../src/models/index.ts";
import { philox } from "../../src/tensor/philox.ts";
import { openTrainer } from "../../src/trainer.ts";
import { smallWeights } from "../support/small-weights.ts";

const CLASSES = 5;
const noise = { shape: [3, 70, 90], data: Uint8Array.from({ length: 3 * 70 * 90 }, (_, i) => philox([7, 0], [i, 0, 0, 0])[0] & 255) };
const nets = { alexnet, googlenet };
/** Of a value's largest magnitude: float32 sums, layer after layer. */
const CLOSE = 1e-4;

let device: Device;
beforeAll(async () => {
  device = await openDevice();
});
afterAll(() => device.dispose());

const largest = (data: ArrayLike<number>): number => Array.from(data).reduce((most, value) => Math.max(most, Math.abs(value)), 0);

function expectClose(found: ArrayLike<number>, exact: ArrayLike<number>, what: string): void {
  expect(found.length, what).toBe(exact.length);
  const difference = largest(Array.from(found, (value, i) => value - exact[i]));
  expect(difference, what).toBeLessThanOrEqual(CLOSE * largest(exact) + 1e-12);
}

describe.each(["alexnet", "googlenet"] as const)("%s", (name) => {
  test("every value and gradient is that of a look on the device, in its order", async () => {
    const weights = smallWeights(networks[name], CLASSES);
    const net = await nets[name].load(device, weights);
    const host = await interpreter(nets[name], weights);
    using scope = microscope(net);
    expect(host.labels).toEqual(net.labels);
    expect(host.layers).toEqual(scope.layers);
    const parameters = [scope.parameters[0].name];
    const options = { of: { loss: 1 }, parameters };
    const [look, exact] = [await scope.look(noise, options), await host.look(noise, options)];
    expect(exact.values).toEqual(look.values);
    expectClose(look.probabilities, exact.probabilities, "probabilities");
    for (const { id, kind, shape } of look.values) {
      expect(exact.read(id).shape, id).toEqual(shape);
      // The gradients of a max pooling go elsewhere where float32 has two equal maxima; activations are compared all.
      if (kind !== "gradient" || id === `gradient:${parameters[0]}`) expectClose((await look.read(id)).data, exact.read(id).data, id);
    }
    const id = `parameter:${parameters[0]}`;
    expect(Array.from(host.read(id).data)).toEqual(Array.from((await scope.read(id)).data));
    net.dispose();
  });
});

test("a value that is another changes the loss by its gradient", async () => {
  const host = await interpreter(alexnet, smallWeights(networks.alexnet, CLASSES));
  const parameter = "conv2/weight";
  const look = await host.look(noise, { of: { loss: 2 }, parameters: [parameter] });
  const gradients = look.read(`gradient:${parameter}`).data;
  const index = gradients.reduce((best, value, i) => (Math.abs(value) > Math.abs(gradients[best]) ? i : best), 0);
  const value = host.read(`parameter:${parameter}`).data[index];
  const lossAt = async (other: number): Promise<number> =>
    -Math.log((await host.look(noise, { instead: { parameter, index, value: other } })).probabilities[2]);
  const slope = ((await lossAt(value + 1e-6)) - (await lossAt(value - 1e-6))) / 2e-6;
  expect(Math.abs(slope - gradients[index])).toBeLessThanOrEqual(1e-3 * Math.abs(gradients[index]));
  expect(Object.values(look.losses)[0]).toBeCloseTo(-Math.log(look.probabilities[2]), 10);
});

test("an untrained network starts as a trainer of the same seed, with its heads; a weight of 0 leaves them out of the loss", async () => {
  const model = googlenet({ classes: CLASSES, width: 1 / 8, size: 64 });
  const trainer = await openTrainer(device, model, {
    samples: [
      { image: noise, label: 0 },
      { image: noise, label: 1 },
    ],
    batch: 2,
    seed: 3,
  });
  using scope = microscope(trainer);
  const host = untrainedInterpreter(model, { seed: 3 });
  const [first] = scope.parameters;
  expectClose((await scope.read(first.id)).data, host.read(first.id).data, first.name);
  const { losses } = await host.look(noise, { of: { loss: 1 }, step: 0 });
  expect(Object.keys(losses)).toEqual(["loss3", "loss1", "loss2"]);
  const alone = await untrainedInterpreter(model, { seed: 3, auxiliary: 0 }).look(noise, { of: { loss: 1 }, step: 0 });
  expect(alone.losses).toEqual({ loss3: losses["loss3"], loss1: 0, loss2: 0 });
  trainer.dispose();
});

test("wrong arguments are refused by name", async () => {
  const host = untrainedInterpreter(alexnet({ classes: 2, width: 1 / 8, size: 64 }));
  await expect(host.look(noise, { of: { class: 2 } })).rejects.toThrow(TypeError);
  await expect(host.look(noise, { parameters: ["conv9/weight"], of: { class: 1 } })).rejects.toThrow(
    'there is no parameter "conv9/weight"',
  );
  expect(() => host.read("conv1/weight")).toThrow('there is no parameter "conv1/weight"');
  expect(() => untrainedInterpreter(alexnet({ classes: 2 }), { init: "lsuv" as "msra" })).toThrow(TypeError);
});

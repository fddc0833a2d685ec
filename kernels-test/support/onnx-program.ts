// What a program does with an ONNX file, the same in Node and in a page: classifies a picture, explains the answer, trains.
import type { Device } from "../../src/index.ts";
import { readOnnx } from "../../src/onnx.ts";
import { openTrainer } from "../../src/trainer.ts";

/** What came of it, as plain JSON. */
export interface OnnxAnswer {
  readonly guesses: readonly { readonly label: string; readonly score: number }[];
  /** A Grad-CAM map and the pixels' gradient of the likeliest class. */
  readonly maps: readonly (readonly number[])[];
  /** Loss of each training step. */
  readonly losses: readonly number[];
}

/** `layer`: one of the file's, for Grad-CAM. */
export async function useOnnx(device: Device, file: Uint8Array, picture: Uint8Array, layer: string): Promise<OnnxAnswer> {
  const model = readOnnx(file, { file: "small.onnx" });
  const net = await model.open(device);
  const guesses = await net.classify(picture);
  const maps = [await net.explain(picture, { layer }), await net.explain(picture, { method: "gradient" })];
  net.dispose();
  const samples = Array.from({ length: 4 }, (_, i) => {
    const data = Uint8ClampedArray.from({ length: 4 * 40 * 40 }, (_value, at) => (((at >> 2) * 7919 + i * 31) % 97) + 40 * i);
    return { image: { width: 40, height: 40, data }, label: i % 2 };
  });
  using trainer = await openTrainer(device, model({ classes: 2, init: model.weights }), { samples, batch: 4, rate: 0.01 });
  const losses = [(await trainer.step()).loss, (await trainer.step()).loss];
  return {
    guesses: guesses.map(({ label, score }) => ({ label, score })),
    maps: maps.map(({ map }) => [...map.data]),
    losses,
  };
}

// Grad-CAM on the GPU against the float64 interpreter, both networks from a file of weights, through one session for all pictures.
import { describe, expect, test } from "vitest";
import type { Picture } from "../../src/dataset/image.ts";
import { squash } from "../../src/dataset/image.ts";
import { interpret } from "../../src/graph/interpret.ts";
import { networks } from "../../src/models/index.ts";
import { philox } from "../../src/tensor/philox.ts";
import { gradCam, gradCamGraph } from "../../src/train/grad-cam.ts";
import { storedSize } from "../../src/train/graphs.ts";
import { readPretrained, type TrainedNetwork } from "../../src/train/pretrained.ts";
import { scoringOptions, statesOf } from "../../src/train/scorer.ts";
import { testEngine } from "../support/engine.ts";
import { smallWeights } from "../support/small-weights.ts";

const noise = (side: number, seed: number): Picture => ({
  width: side,
  height: side,
  channels: 1,
  data: Uint8Array.from({ length: side * side }, (_, i) => philox([seed, 3], [i, 0, 0, 0])[0] & 255),
});

describe.each(Object.values(networks))("$title", (network) => {
  const trained = readPretrained(network, { file: "small.safetensors", bytes: smallWeights(network, 3) });
  const stored = storedSize(network, trained.size);
  const margin = Math.floor((stored - trained.size) / 2);

  /** Map, score and probabilities in float64, from the values that the GPU holds. */
  async function inFloat64(trained: TrainedNetwork, picture: Picture, chosen: number) {
    const engine = await testEngine();
    const asked = gradCamGraph(scoringOptions(trained, 1));
    const states = await statesOf(engine, asked, trained);
    const values = Object.fromEntries(
      await Promise.all(asked.graph.states.map(async ({ name }) => [name, await states.read(name)] as const)),
    );
    states.dispose();
    const result = interpret(
      asked.graph,
      {
        pixels: Array.from(picture.data, (grey) => grey * 0x010101),
        placement: [margin, margin, 0, 0],
        class: [0, 1, 2].map((i) => (i === chosen ? 1 : 0)),
      },
      values,
    );
    return { map: Float32Array.from(result.of(asked.map)), side: asked.map.shape[1], score: result.of(asked.score)[0] };
  }

  test("heat and score are those of float64, picture by picture, and the most probable class is asked about", async () => {
    const engine = await testEngine();
    const pictures = [noise(stored, 1), noise(stored, 2)];
    const asked = [0, 1, 2, 0].map((chosen, i) => ({ picture: pictures[Math.floor(i / 3)], class: chosen }));
    const got = await gradCam(engine, trained, [...asked, { picture: pictures[0] }]);
    let seen = 0;
    for (const [i, view] of asked.entries()) {
      const { map, side, score } = await inFloat64(trained, view.picture, view.class);
      const largest = map.reduce((most, value) => Math.max(most, value), 0);
      seen += Number(largest > 0);
      const crop = squash({ width: side, height: side, channels: 1, data: map }, trained.size);
      expect(Math.abs(got[i].score - score)).toBeLessThan(1e-4 * Math.max(1, Math.abs(score)));
      let worst = 0;
      for (let row = 0; row < trained.size; row++) {
        for (let column = 0; column < trained.size; column++) {
          const value = got[i].heat[(row + margin) * stored + column + margin];
          worst = Math.max(worst, Math.abs(value - crop[row * trained.size + column]));
        }
      }
      expect(worst).toBeLessThanOrEqual(1e-4 * largest);
      expect(got[i].heat[0]).toBe(0);
      expect(got[i].heat).toHaveLength(stored * stored);
    }
    // Not every class is seen somewhere: a map of nothing but zeros would prove nothing.
    expect(seen).toBeGreaterThan(0);
    const likeliest = got[4];
    expect(likeliest.p[likeliest.class]).toBe(Math.max(...likeliest.p));
    expect(likeliest).toEqual(got[likeliest.class]);
  });

  test("a picture of another size and a class that there is not are refused", async () => {
    const engine = await testEngine();
    await expect(gradCam(engine, trained, [{ picture: noise(10, 0) }])).rejects.toThrow(
      `10 x 10 pixels, the network's are ${stored} x ${stored}`,
    );
    await expect(gradCam(engine, trained, [{ picture: noise(stored, 0), class: 3 }])).rejects.toThrow("there is no class 3");
  });
});

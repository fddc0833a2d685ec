import { expect, test } from "vitest";
import { networks } from "../../../models/index.ts";
import { scoringGraph } from "../../../train/graphs.ts";
import { layersOf } from "../../../library/layer-nodes.ts";
import { neededBy, windowsOf, type Windows } from "./windows.ts";

const { graph, parameters } = scoringGraph({ network: networks["alexnet"], classes: 3, batch: 1 });
const layers = layersOf(graph);
const shapes = parameters.map(({ name, layer, caffeShape: shape }) => ({ id: `parameter:${name}`, name, layer, shape, learns: false }));

test("windows are those of the layer's op", () => {
  expect(windowsOf(layers, shapes, { layer: "conv2", op: "conv2d" })).toEqual({
    input: "pool1",
    rows: 27,
    columns: 27,
    channels: 96,
    size: [5, 5],
    stride: 1,
    pad: 2,
  });
  expect(windowsOf(layers, shapes, { layer: "pool1", op: "maxPool" })).toMatchObject({ rows: 55, size: [3, 3], stride: 2, pad: 0 });
  expect(windowsOf(layers, shapes, { layer: "norm1", op: "lrn" })).toBeNull();
});

test("pixels are counted once for each output, and the padding not at all", () => {
  const windows: Windows = { input: "x", rows: 3, columns: 4, channels: 1, size: [3, 3], stride: 2, pad: 1 };
  expect([...neededBy(windows, [[0, 0]])]).toEqual([1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0]);
  expect([
    ...neededBy(windows, [
      [0, 0],
      [0, 1],
    ]),
  ]).toEqual([1, 2, 1, 1, 1, 2, 1, 1, 0, 0, 0, 0]);
});

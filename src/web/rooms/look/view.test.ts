// The view that an address says: written and read back the same; what is named wrongly is as if it were absent.
import { expect, test } from "vitest";
import type { LayerNode } from "striatum/inspect";
import { keysOf, shown, viewOf, type View } from "./view.ts";

const layer = (name: string, op: string, shape: readonly number[]): LayerNode => ({
  name,
  op,
  shape,
  layer: name,
  block: name,
  attributes: {},
  inputs: [],
  parameters: [],
  field: null,
});
const layers = [
  layer("data", "cropImages", [1, 4, 64, 64]),
  layer("relu1", "relu", [1, 8, 14, 14]),
  layer("a/b:c", "conv2d", [1, 16, 7, 7]),
];

test("what is written is read back, and defaults are empty", () => {
  const view: View = {
    layer: layers[2],
    channel: 15,
    pinned: { row: 6, column: 0 },
    tab: "gradient",
    scale: "net",
    of: { layer: "relu1", channel: 2, row: 3, column: 4 },
    off: [
      { layer: "a/b:c", channel: 3 },
      { layer: "relu1", channel: 0 },
    ],
    versus: { picture: "own: a, b.png" },
  };
  const { layer: shownLayer, ...rest } = view;
  expect(viewOf({ room: "look", path: shownLayer.name, keys: keysOf(rest) }, layers)).toEqual(view);
  for (const of of [{ class: 3 }, { loss: 0 }, null])
    expect(viewOf({ room: "look", path: "", keys: keysOf({ of }) }, layers).of).toEqual(of);
  const defaults: Omit<View, "layer"> = { channel: 0, pinned: null, tab: "activation", scale: "map", of: null, off: [], versus: null };
  expect(new Set(Object.values(keysOf(defaults)))).toEqual(new Set([""]));
});

test("what is not there is as if it were absent", () => {
  const keys = { c: "8", at: "14,0", tab: "x", scale: "y", of: "class:x", off: ";;", vs: "other" };
  expect(viewOf({ room: "look", path: "nowhere", keys }, layers)).toEqual(viewOf({ room: "look", path: "", keys: {} }, layers));
  expect(viewOf({ room: "look", path: "", keys: {} }, layers).layer.name).toBe("relu1");
});

test.each([
  [0, "0"],
  [-0.25, "−0.2500"],
  [1234567, "1.235e+6"],
  [-1e-9, "−1.000e−9"],
])("%d is shown as %s", (value, text) => expect(shown(value)).toBe(text));

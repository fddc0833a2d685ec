// Operators that move values: shapes, axes, parts, padding, joining, against standard-fixture.ts.
import { floats, ints } from "./model-fixture.ts";
import { compare, IMAGE, listOfCases, noise } from "./standard-cases-fixture.ts";
import * as standard from "./standard-fixture.ts";
import type { Nd } from "./standard-fixture.ts";

const { cases, one } = listOfCases();

{
  const x = noise([2, 3, 4]);
  const shapes: readonly (readonly [string, readonly number[], readonly number[]])[] = [
    ["axes in another order of extents", [4, 2, 3], [4, 2, 3]],
    ["fewer axes", [2, 12], [2, 12]],
    ["more axes", [2, 3, 2, 2], [2, 3, 2, 2]],
    ["one axis", [24], [24]],
    ["one unknown", [2, -1, 2], [2, 6, 2]],
    ["0 keeps", [2, 0, 4, 1], [2, 3, 4, 1]],
    ["0 and unknown", [2, 0, 1, -1], [2, 3, 1, 4]],
  ];
  for (const [title, wanted, shape] of shapes)
    one({ operator: "Reshape", title, x, constants: [ints(...wanted)], expected: standard.reshape(x, shape) });
  one({
    operator: "Reshape",
    title: "operator set 1: an attribute",
    x,
    attributes: { shape: [6, 4] },
    opset: 1,
    expected: standard.reshape(x, [6, 4]),
  });
  one({ operator: "Reshape", title: "an image to rows", x: IMAGE, constants: [ints(2, -1)], expected: standard.reshape(IMAGE, [2, 224]) });
  for (const axis of [0, 1, 2, 3, -1, -2]) {
    const place = axis < 0 ? axis + 3 : axis;
    const shape = [x.shape.slice(0, place), x.shape.slice(place)].map((part) => part.reduce((a, b) => a * b, 1));
    one({ operator: "Flatten", title: `axis ${axis}`, x, attributes: { axis }, expected: standard.reshape(x, shape) });
  }
  one({ operator: "Flatten", title: "no axis: 1", x: IMAGE, expected: standard.reshape(IMAGE, [2, 224]) });
  for (const perm of [
    [0, 1, 2],
    [0, 2, 1],
    [1, 0, 2],
    [1, 2, 0],
    [2, 0, 1],
    [2, 1, 0],
  ])
    one({ operator: "Transpose", title: perm.join(", "), x, attributes: { perm }, expected: standard.transpose(x, perm) });
  one({ operator: "Transpose", title: "no perm: reversed", x, expected: standard.transpose(x, [2, 1, 0]) });
  one({
    operator: "Transpose",
    title: "channels last",
    x: IMAGE,
    attributes: { perm: [0, 2, 3, 1] },
    expected: standard.transpose(IMAGE, [0, 2, 3, 1]),
  });
  const ones = noise([1, 3, 1, 4]);
  one({ operator: "Squeeze", title: "one axis", x: ones, constants: [ints(0)], expected: standard.reshape(ones, [3, 1, 4]) });
  one({ operator: "Squeeze", title: "an axis from the end", x: ones, constants: [ints(-2)], expected: standard.reshape(ones, [1, 3, 4]) });
  one({ operator: "Squeeze", title: "all of them", x: ones, expected: standard.reshape(ones, [3, 4]) });
  one({
    operator: "Squeeze",
    title: "operator set 11",
    x: ones,
    attributes: { axes: [0, 2] },
    opset: 11,
    expected: standard.reshape(ones, [3, 4]),
  });
  one({ operator: "Unsqueeze", title: "the first", x, constants: [ints(0)], expected: standard.reshape(x, [1, 2, 3, 4]) });
  one({ operator: "Unsqueeze", title: "two", x, constants: [ints(1, 4)], expected: standard.reshape(x, [2, 1, 3, 4, 1]) });
  one({
    operator: "Unsqueeze",
    title: "out of order, from the end",
    x,
    constants: [ints(-1, 0)],
    expected: standard.reshape(x, [1, 2, 3, 4, 1]),
  });
  one({
    operator: "Unsqueeze",
    title: "operator set 11",
    x,
    attributes: { axes: [2] },
    opset: 11,
    expected: standard.reshape(x, [2, 3, 1, 4]),
  });

  for (const [shape, axis] of [
    [[5], 0],
    [[2, 3], 0],
    [[2, 3], 1],
    [[2, 3], -1],
    [[2, 3, 4], 0],
    [[2, 3, 4], 1],
    [[2, 3, 4], 2],
    [[2, 3, 4, 5], 1],
    [[2, 3, 4, 5], 2],
    [[2, 3, 4, 5], 3],
    [[2, 3, 4, 5], -4],
  ] as const) {
    const place = axis < 0 ? axis + shape.length : axis;
    const parts = [noise(shape, 1), noise([...shape].with(place, 2), 2), noise(shape, 3)];
    const names = ["a", "b", "c"];
    cases.push({
      operator: "Concat",
      title: `[${shape.join(", ")}] along ${axis}`,
      model: {
        nodes: [{ operator: "Concat", inputs: names, outputs: ["y"], attributes: { axis } }],
        inputs: Object.fromEntries(parts.map((part, at) => [names[at], part.shape])),
        outputs: ["y"],
      },
      feeds: Object.fromEntries(parts.map((part, at) => [names[at], part])),
      expected: [standard.concat(parts, place)],
    });
  }

  one({
    operator: "Slice",
    title: "two axes",
    x,
    constants: [ints(0, 1), ints(1, 3), ints(0, 2)],
    expected: standard.slice(standard.slice(x, 0, 0, 1), 2, 1, 2),
  });
  one({ operator: "Slice", title: "from the end", x, constants: [ints(-3), ints(-1), ints(-1)], expected: standard.slice(x, 2, 1, 2) });
  one({ operator: "Slice", title: "beyond the end", x, constants: [ints(1), ints(1000), ints(1)], expected: standard.slice(x, 1, 1, 2) });
  one({
    operator: "Slice",
    title: "no axes",
    x,
    constants: [ints(1, 0, 2), ints(2, 2, 4)],
    expected: standard.slice(standard.slice(standard.slice(x, 0, 1, 1), 1, 0, 2), 2, 2, 2),
  });
  one({
    operator: "Slice",
    title: "operator set 9",
    x,
    attributes: { starts: [1], ends: [3], axes: [1] },
    opset: 9,
    expected: standard.slice(x, 1, 1, 2),
  });
  one({
    operator: "Slice",
    title: "channels of an image",
    x: IMAGE,
    constants: [ints(1), ints(3), ints(1)],
    expected: standard.slice(IMAGE, 1, 1, 2),
  });
  const halves = (axis: number, sizes: readonly number[], from = IMAGE): Nd[] =>
    sizes.map((size, at) =>
      standard.slice(
        from,
        axis,
        sizes.slice(0, at).reduce((a, b) => a + b, 0),
        size,
      ),
    );
  one({ operator: "Split", title: "equal parts", x: IMAGE, attributes: { axis: 1 }, expected: halves(1, [2, 2]) });
  one({ operator: "Split", title: "given sizes", x: IMAGE, constants: [ints(1, 3)], attributes: { axis: 1 }, expected: halves(1, [1, 3]) });
  one({
    operator: "Split",
    title: "operator set 11",
    x: IMAGE,
    attributes: { axis: 2, split: [3, 4] },
    opset: 11,
    expected: halves(2, [3, 4]),
  });
  one({
    operator: "Split",
    title: "operator set 18: uneven",
    x: IMAGE,
    attributes: { axis: 2, num_outputs: 2 },
    opset: 18,
    expected: halves(2, [4, 3]),
  });
  one({ operator: "Split", title: "the first axis", x: IMAGE, expected: halves(0, [1, 1]) });
  one({
    operator: "Gather",
    title: "some of an axis",
    x,
    constants: [ints(2, 0)],
    attributes: { axis: 1 },
    expected: standard.gather(x, 1, [2, 0]),
  });
  one({
    operator: "Gather",
    title: "from the end",
    x,
    constants: [ints(-1, -2)],
    attributes: { axis: 2 },
    expected: standard.gather(x, 2, [3, 2]),
  });
  one({
    operator: "Gather",
    title: "one",
    x,
    constants: [{ dims: [], kind: "int", data: Float64Array.of(1) }],
    expected: standard.reshape(standard.gather(x, 0, [1]), [3, 4]),
  });

  one({
    operator: "Pad",
    title: "an image",
    x: IMAGE,
    constants: [ints(0, 0, 1, 2, 0, 0, 3, 0)],
    expected: standard.pad(IMAGE, [0, 0, 1, 2], [0, 0, 3, 0], 0),
  });
  one({
    operator: "Pad",
    title: "a value",
    x: IMAGE,
    constants: [ints(0, 0, 1, 2, 0, 0, 3, 0), floats([], 1.5)],
    expected: standard.pad(IMAGE, [0, 0, 1, 2], [0, 0, 3, 0], 1.5),
  });
  one({
    operator: "Pad",
    title: "channels",
    x: IMAGE,
    constants: [ints(0, 1, 0, 0, 0, 2, 0, 0)],
    expected: standard.pad(IMAGE, [0, 1, 0, 0], [0, 2, 0, 0], 0),
  });
  one({
    operator: "Pad",
    title: "taken off",
    x: IMAGE,
    constants: [ints(0, 0, -1, 0, 0, 0, 0, -2)],
    expected: standard.pad(IMAGE, [0, 0, -1, 0], [0, 0, 0, -2], 0),
  });
  one({
    operator: "Pad",
    title: "two axes",
    x: noise([3, 4]),
    constants: [ints(1, 0, 0, 2)],
    expected: standard.pad(noise([3, 4]), [1, 0], [0, 2], 0),
  });
  one({
    operator: "Pad",
    title: "operator set 2",
    x: IMAGE,
    attributes: { pads: [0, 0, 1, 1, 0, 0, 1, 1], value: { float: 2 } },
    opset: 2,
    expected: standard.pad(IMAGE, [0, 0, 1, 1], [0, 0, 1, 1], 2),
  });
  one({
    operator: "Pad",
    title: "operator set 1",
    x: IMAGE,
    attributes: { paddings: [0, 0, 1, 1, 0, 0, 1, 1] },
    opset: 1,
    expected: standard.pad(IMAGE, [0, 0, 1, 1], [0, 0, 1, 1], 0),
  });
  one({
    operator: "Pad",
    title: "operator set 18: axes",
    x: IMAGE,
    constants: [ints(1, 2), null, ints(-1)],
    opset: 18,
    expected: standard.pad(IMAGE, [0, 0, 0, 1], [0, 0, 0, 2], 0),
  });

  one({ operator: "Dropout", title: "for inference", x, expected: x });
  one({ operator: "Dropout", title: "operator set 6", x, attributes: { ratio: { float: 0.3 } }, opset: 6, expected: x });
  one({ operator: "Dropout", title: "a ratio as an input", x, constants: [floats([], 0.3)], expected: x });
  one({ operator: "Cast", title: "to float", x, attributes: { to: 1 }, expected: x });
}

compare(cases, 69);

// Maps of tensors: every element has a place of its own, and is found there.
import { expect, test } from "vitest";
import { mapLayout } from "./map-layout.ts";

test.each([[[1, 7, 5, 12]], [[2, 3, 3, 4]], [[1, 3, 3, 8, 6]], [[2, 10]], [[37]], [[1, 1, 1, 64]], [[]], [[4, 5, 3]]])(
  "every element of %j has a place, and is found there",
  (shape) => {
    const layout = mapLayout(shape);
    const size = shape.reduce((product, extent) => product * extent, 1);
    const seen = new Set<string>();
    for (let index = 0; index < size; index++) {
      const [x, y] = layout.place(index);
      expect(x).toBeLessThan(layout.width);
      expect(y).toBeLessThan(layout.height);
      expect(layout.elementAt(x, y)).toBe(index);
      seen.add(`${x} ${y}`);
    }
    expect(seen.size).toBe(size);
    let found = 0;
    for (let y = 0; y < layout.height; y++) for (let x = 0; x < layout.width; x++) found += layout.elementAt(x, y) === null ? 0 : 1;
    expect(found).toBe(size);
  },
);

test("an element is named by its axes", () => {
  expect(mapLayout([1, 7, 5, 12]).words(12 * 5 + 3)).toBe("row 1, column 0, channel 3");
  expect(mapLayout([2, 10]).words(13)).toBe("row 1, element 3");
});

import { expect, test } from "vitest";
import type { ParameterInfo } from "striatum/inspect";
import { pathOf, placeOf } from "./place.ts";
import { largest, termsOf } from "./terms.ts";

const parameter = (name: string, shape: number[]): ParameterInfo => ({
  id: `parameter:${name}`,
  name,
  layer: name.replace(/\/\w+$/, ""),
  shape,
  learns: true,
});
const parameters = [parameter("conv1/7x7_s2/weight", [8, 3, 7, 7]), parameter("conv1/7x7_s2/bias", [8]), parameter("fc8/weight", [4, 16])];

test("an address names a weight; what it leaves out or has too large is drawn in", () => {
  const place = placeOf("conv1/7x7_s2/o=5,i=2,y=1,x=6", parameters);
  expect(place).toMatchObject({ at: [5, 2, 1, 6], index: ((5 * 3 + 2) * 7 + 1) * 7 + 6 });
  expect(pathOf(place.parameter, place.at)).toBe("conv1/7x7_s2/o=5,i=2,y=1,x=6");
  expect(placeOf("fc8/o=3,i=99", parameters)).toMatchObject({ at: [3, 15], index: 63 });
  expect(placeOf("conv1/7x7_s2/bias/o=2", parameters)).toMatchObject({ at: [2], index: 2 });
  expect(placeOf("", parameters)).toMatchObject({ at: [0, 0, 3, 3] });
  expect(placeOf("fc8", parameters).parameter.name).toBe("fc8/weight");
});

test("terms are where the filter lay over the map, at its stride and padding, and add up to the gradient", () => {
  const x = { rows: 3, columns: 3, data: [1, 2, 3, 4, 5, 6, 7, 8, 9] };
  const dy = { rows: 2, columns: 2, data: [10, -20, 30, 40] };
  const terms = termsOf(1, { x, dy }, { ky: 0, kx: 1, stride: 2, pad: 1 });
  // Rows -1 and 1, columns 0 and 2: the first row of dy lies over padding.
  expect(terms).toEqual([
    { picture: 1, out: [1, 0], in: [1, 0], x: 4, dy: 30, product: 120 },
    { picture: 1, out: [1, 1], in: [1, 2], x: 6, dy: 40, product: 240 },
  ]);
  expect(termsOf(0, { x: null, dy }, { ky: 0, kx: 0, stride: 1, pad: 0 }).map(({ product }) => product)).toEqual([10, -20, 30, 40]);
  expect(largest(terms, 1)).toEqual({ shown: [terms[1]], others: 1, rest: 120, sum: 360, magnitude: 360 });
});

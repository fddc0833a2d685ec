// Distances are exact where they matter: on surfaces, and along the axes of a tube.
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { ellipsoid, inside, toEllipsoid, toTube, tube } from "./shapes.ts";

test("points on an ellipsoid have distance zero, points on a ray have the sign of their side", () => {
  const angle = fc.double({ min: -3, max: 3, noNaN: true });
  const axis = fc.double({ min: 1, max: 30, noNaN: true });
  fc.assert(
    fc.property(angle, angle, axis, axis, axis, (u, v, a, b, c) => {
      const [x, y, z] = [a * Math.cos(u) * Math.cos(v), b * Math.sin(u) * Math.cos(v), c * Math.sin(v)];
      const shape = ellipsoid([0, 0, 0], [a, b, c]);
      expect(toEllipsoid(shape, x, y, z)).toBeCloseTo(0, 6);
      expect(toEllipsoid(shape, 0.9 * x, 0.9 * y, 0.9 * z)).toBeLessThan(0);
      expect(toEllipsoid(shape, 1.1 * x, 1.1 * y, 1.1 * z)).toBeGreaterThan(0);
    }),
  );
  const shape = ellipsoid([1, 2, 3], [5, 7, 10]);
  expect(toEllipsoid(shape, 1, 2, 15)).toBeCloseTo(2, 0);
  expect(toEllipsoid(shape, 1, 2, 3)).toBe(-5);
});

test("an ellipsoid on the left is turned so that its front end lies nearer to the midline", () => {
  const shape = ellipsoid([20, 0, 0], [3, 10, 3], 30);
  // The front is where y is negative.
  expect(toEllipsoid(shape, 20 - 5, -10 * Math.cos(Math.PI / 6), 0)).toBeCloseTo(0, 6);
  expect(toEllipsoid(shape, 20 + 5, 10 * Math.cos(Math.PI / 6), 0)).toBeCloseTo(0, 6);
});

test("a tube tapers between its balls and has no distance beyond its reach", () => {
  const cone = tube(
    [
      [0, 0, 0, 2],
      [10, 0, 0, 4],
      [10, 10, 0, 4],
    ],
    5,
  );
  expect(toTube(cone, 0, 2, 0)).toBeCloseTo(0, 6);
  expect(toTube(cone, 5, 0, 3)).toBeCloseTo(0, 6);
  expect(toTube(cone, 5, 0, 0)).toBeCloseTo(-3, 6);
  expect(toTube(cone, 14.5, 5, 0)).toBeCloseTo(0.5, 6);
  expect(toTube(cone, 30, 0, 0)).toBe(5);
  expect(toTube(cone, 0, 8, 0)).toBe(5);
});

test("an edge is soft and centred on the surface", () => {
  expect([-3, -0.5, 0, 0.5, 3].map((distance) => inside(distance, 2))).toEqual([1, 0.75, 0.5, 0.25, 0]);
});

// The standard's own worked numbers and the edges of the window.
import { expect, test } from "vitest";
import { applyWindow, BRAIN_WINDOW } from "./window.ts";

test("the brain window runs from black at 0 HU to white at 80 HU", () => {
  const grey = applyWindow(Float32Array.of(-1000, 0, 0.5, 20, 39.5, 60, 79, 80, 3000));
  expect([...grey]).toEqual([0, 0, 2, 65, 128, 194, 255, 255, 255]);
  expect(applyWindow(Float32Array.of(20), BRAIN_WINDOW)).toEqual(applyWindow(Float32Array.of(20)));
});

test("PS3.3 C.11.2.1.2: center 2048 and width 4096 map 0..4095 to the whole range", () => {
  const grey = applyWindow(Int16Array.of(0, 4095, 2048), { centerHu: 2048, widthHu: 4096 });
  expect([...grey]).toEqual([0, 255, 128]);
});

test("PS3.3 C.11.2.1.2: a width of 1 is a threshold", () => {
  expect([...applyWindow(Int16Array.of(99, 100, 101), { centerHu: 100.5, widthHu: 1 })]).toEqual([0, 0, 255]);
});

test("a width below 1 is refused", () => {
  expect(() => applyWindow(Int16Array.of(0), { centerHu: 40, widthHu: 0 })).toThrow("width of 1 HU or more, got 40/0");
  expect(() => applyWindow(Int16Array.of(0), { centerHu: Number.NaN, widthHu: 80 })).toThrow("got NaN/80");
});

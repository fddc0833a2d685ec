import { expect, test } from "vitest";
import { drawText } from "./bitmap-font.ts";
import { suspectsText } from "./burned-in-text.ts";
import { headSeries } from "./dataset-fixture.ts";
import { readCtSlice } from "../dicom/read-slice.ts";
import type { Pixels } from "./pixel-hash.ts";

const WIDTH = 256;

/** A round head with a ring of bone on a dark ground. */
const head = (): Float32Array =>
  Float32Array.from({ length: WIDTH * WIDTH }, (_, i) => {
    const radius = Math.hypot((i % WIDTH) - 128, Math.floor(i / WIDTH) - 128);
    return radius < 110 ? 35 : radius < 120 ? 900 : -1000;
  });

const withText = (text: string, left: number, top: number, scale = 1, level = 3071): Pixels => {
  const data = head();
  drawText(text, (x, y) => {
    for (let v = 0; v < scale; v++) for (let u = 0; u < scale; u++) data[(top + y * scale + v) * WIDTH + left + x * scale + u] = level;
  });
  return { width: WIDTH, height: WIDTH, channels: 1, data };
};

test.each([
  ["a name in the upper left corner", withText("DOE JOHN", 4, 4)],
  ["a date in the lower right corner", withText("2020-01-31", 190, 240)],
  ["large letters", withText("CT 12", 4, 6, 2)],
])("%s is suspected", (_, image) => expect(suspectsText(image)).toBe(true));

test.each([
  ["a head alone", withText("", 0, 0)],
  ["a side mark of one letter", withText("R", 4, 4)],
  ["text that is too faint to read", withText("DOE JOHN", 4, 4, 1, -900)],
  ["nothing at all", { width: 20, height: 20, channels: 1, data: new Uint8Array(400) } as const],
])("%s is not", (_, image) => expect(suspectsText(image)).toBe(false));

test("no slice of the test head is suspected", async () => {
  for (const bytes of Object.values(headSeries({ patient: "PH0001" }))) {
    const { columns, rows, hu } = await readCtSlice(bytes, "slice", { inflate: () => Promise.reject(new Error("not deflated")) });
    expect(suspectsText({ width: columns, height: rows, channels: 1, data: hu })).toBe(false);
  }
});

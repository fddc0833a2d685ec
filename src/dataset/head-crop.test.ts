// The head's box on drawn heads, and the square that is cut out around it.
import { describe, expect, test } from "vitest";
import { AIR_HU } from "../dicom/window.ts";
import { cropToHead, headBox } from "./head-crop.ts";
import type { Image } from "./image.ts";

const SIDE = 100;

/** A skull of Hounsfield units: an ellipse of brain in a ring of bone, and a headrest of 100 HU below it. */
function head({ cx = 45, cy = 50, rx = 25, ry = 35 } = {}): Image & { readonly data: Float32Array } {
  const data = new Float32Array(SIDE * SIDE).fill(AIR_HU);
  for (let y = 0; y < SIDE; y++)
    for (let x = 0; x < SIDE; x++) {
      const r = Math.hypot((x + 0.5 - cx) / rx, (y + 0.5 - cy) / ry);
      if (r < 0.88) data[y * SIDE + x] = 35;
      else if (r < 1) data[y * SIDE + x] = 900;
      else if (y >= 90 && y < 95) data[y * SIDE + x] = 100;
    }
  return { unit: "HU", width: SIDE, height: SIDE, channels: 1, data };
}

/** As a viewer shows it at 40/80, in three equal channels. */
function shown({ width, height, data }: Image): Image {
  const grey = Uint8Array.from(data, (hu) => Math.round(Math.min(Math.max((hu / 80) * 255, 0), 255)));
  return { width, height, channels: 3, data: Uint8Array.from({ length: 3 * grey.length }, (_, i) => grey[Math.floor(i / 3)]) };
}

describe("the head's box", () => {
  test("is that of the skull, without headrest and specks", () => {
    const image = head();
    image.data[5 * SIDE + 3] = 3000;
    expect(headBox(image)).toEqual({ left: 20, top: 15, right: 70, bottom: 85 });
  });

  test("of a picture without a unit is that of the largest bright region, not of the headrest", () => {
    expect(headBox(shown(head()))).toEqual({ left: 20, top: 15, right: 70, bottom: 85 });
  });

  test("is null for air, and for a phantom too small to be a head", () => {
    expect(headBox({ ...head(), data: new Float32Array(SIDE * SIDE).fill(AIR_HU) })).toBeNull();
    expect(headBox(head({ rx: 10, ry: 10 }))).toBeNull();
  });
});

describe("the crop", () => {
  test("fills a square with the head: its middle in the middle, the longer side of its box as the side", () => {
    const made = cropToHead(head(), 1);
    expect([made.width, made.height, made.unit]).toEqual([70, 70, "HU"]);
    expect(headBox(made)).toEqual({ left: 10, top: 0, right: 60, bottom: 70 });
  });

  test("moves with the head: the same head elsewhere gives the same square", () => {
    const still = cropToHead(head({ cx: 40, cy: 45, ry: 30 }), 0.85);
    expect(still.width).toBe(51);
    expect(cropToHead(head({ cx: 55, cy: 48, ry: 30 }), 0.85)).toEqual(still);
  });

  test("shows air where the square leaves the image", () => {
    const made = cropToHead(head({ cx: 26 }), 1.2);
    expect(made.width).toBe(84);
    expect(made.data[42 * 84]).toBe(AIR_HU);
    const grey = cropToHead(shown(head({ cx: 26 })), 1.2);
    expect([...grey.data.subarray(42 * grey.width * 3, 42 * grey.width * 3 + 3)]).toEqual([0, 0, 0]);
  });

  test("leaves an image alone without a share, and one without a head", () => {
    const image = head();
    expect(cropToHead(image, undefined)).toBe(image);
    const air = { ...image, data: new Float32Array(SIDE * SIDE).fill(AIR_HU) };
    expect(cropToHead(air, 0.85)).toBe(air);
  });
});

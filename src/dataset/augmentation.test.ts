import { describe, expect, test } from "vitest";
import { philox } from "../tensor/philox.ts";
import { sha256Hex } from "../tensor/sha256.ts";
import { augment, swapsSides, variantName, VARIANTS, type AugmentOptions } from "./augmentation.ts";
import { pictureOf, type Image } from "./image.ts";

const WINDOW = { centerHu: 40, widthHu: 80 };
const SIZE = 48;
const AT: AugmentOptions = { size: SIZE, window: WINDOW, key: [3, 1] };

/** A disc of 30 HU with texture in air, and a bright spot on the right of the picture, a little above its middle. */
const head = hounsfield(64, (x, y, noise) => {
  if (Math.hypot(x - 32, y - 32) > 28) return -1000;
  return Math.hypot(x - 46, y - 28) < 5 ? 75 : 30 + 8 * noise;
});

function hounsfield(side: number, value: (x: number, y: number, noise: number) => number): Image {
  const data = Float32Array.from({ length: side * side }, (_, i) =>
    value(i % side, Math.floor(i / side), philox([9, 9], [i, 0, 0, 0])[0] / 2 ** 32 - 0.5),
  );
  return { unit: "HU", width: side, height: side, channels: 1, data };
}

const all = (raw: Image, at = AT): Uint8Array[] => VARIANTS.map((_, k) => augment(raw, k, at).data);
const flipped = (data: Uint8Array): Uint8Array => data.map((_, i) => data[Math.floor(i / SIZE) * SIZE + SIZE - 1 - (i % SIZE)]);

/** Middle of what is brighter than `level`, in shares of the side. */
function middle(data: Uint8Array, level: number): { x: number; y: number; count: number } {
  const bright = [...data.keys()].filter((i) => data[i] > level);
  const mean = (of: (i: number) => number): number => bright.reduce((sum, i) => sum + of(i) + 0.5, 0) / bright.length / SIZE;
  return { x: mean((i) => i % SIZE), y: mean((i) => Math.floor(i / SIZE)), count: bright.length };
}

const find = (name: string): number => {
  const k = VARIANTS.findIndex((variant) => variantName(variant) === name);
  expect(k, name).toBeGreaterThanOrEqual(0);
  return k;
};

describe("the list", () => {
  test("has 48 variants, no two alike, the first being the image as it is", () => {
    expect(new Set(VARIANTS.map(variantName)).size).toBe(48);
    expect(variantName(VARIANTS[0])).toBe("0 degrees, x 1, plain");
    expect(augment(head, 0, AT)).toEqual(pictureOf(head, SIZE, WINDOW));
  });

  test("gives 48 images that differ, from a slice and from a picture", () => {
    const grey: Image = { ...pictureOf(head, 64, WINDOW) };
    for (const raw of [head, grey]) expect(new Set(all(raw).map((data) => sha256Hex(data))).size).toBe(48);
  });

  test("gives the same bytes again; other images get other noise and nothing else", () => {
    const first = all(head);
    expect(all(head)).toEqual(first);
    const other = all(head, { ...AT, key: [3, 2] });
    VARIANTS.forEach(({ intensity }, k) => {
      if (intensity === "noise") expect(other[k]).not.toEqual(first[k]);
      else expect(other[k]).toEqual(first[k]);
    });
  });

  test("is these bytes, on every machine", () => {
    expect(sha256Hex(Uint8Array.from(all(head).flatMap((data) => [...data])))).toMatchInlineSnapshot(
      `"10a892b0b568c23106e91b37d1d8eea539b63ce7772b29a7a466cd348cf3c74c"`,
    );
  });
});

describe("sides", () => {
  test("change places in the mirrored half of the list and in no other", () => {
    expect(VARIANTS.filter(swapsSides)).toEqual(VARIANTS.filter(({ mirrored }) => mirrored));
    expect(VARIANTS.filter(swapsSides)).toHaveLength(24);
    VARIANTS.forEach((variant, k) => {
      const { x } = middle(augment(head, k, AT).data, 190);
      expect(x < 0.5, variantName(variant)).toBe(swapsSides(variant));
    });
  });

  test("a mirrored variant is the other one's mirror image to the bit, but for its noise", () => {
    VARIANTS.forEach((variant, k) => {
      if (!variant.mirrored || variant.intensity === "noise" || variant.intensity === "CLAHE") return;
      const partner = find(variantName({ ...variant, mirrored: false }));
      expect(augment(head, k, AT).data, variantName(variant)).toEqual(flipped(augment(head, partner, AT).data));
    });
  });
});

describe("geometry", () => {
  const spot = (name: string): { x: number; y: number; count: number } => middle(augment(head, find(name), AT).data, 190);

  test("a positive rotation turns clockwise: what lay right of the middle goes down", () => {
    // The spot's middle at (46, 28) of 64 pixels: (14.5, -3.5) from the picture's.
    const turned = (degrees: number): { x: number; y: number } => {
      const angle = (degrees * Math.PI) / 180;
      return {
        x: 0.5 + (14.5 * Math.cos(angle) + 3.5 * Math.sin(angle)) / 64,
        y: 0.5 + (14.5 * Math.sin(angle) - 3.5 * Math.cos(angle)) / 64,
      };
    };
    for (const degrees of [0, 12, -12]) {
      const { x, y } = spot(`${degrees} degrees, x 1, plain`);
      const wanted = turned(degrees);
      expect(Math.abs(x - wanted.x)).toBeLessThan(0.01);
      expect(Math.abs(y - wanted.y)).toBeLessThan(0.01);
    }
  });

  test("a scale of 1.1 shows the middle larger", () => {
    const plain = spot("0 degrees, x 1, plain");
    const larger = spot("0 degrees, x 1.1, plain");
    expect((larger.x - 0.5) / (plain.x - 0.5)).toBeCloseTo(1.1, 1);
    expect(larger.count / plain.count).toBeGreaterThan(1.1);
  });

  test("what lies outside the image is air, so black", () => {
    const everywhere = hounsfield(64, () => 60);
    const turned = augment(everywhere, find("12 degrees, x 1, plain"), AT).data;
    expect([turned[0], turned[SIZE - 1], turned[SIZE * SIZE - 1], turned[(SIZE * SIZE + SIZE) / 2]]).toEqual([
      0,
      0,
      0,
      augment(everywhere, 0, AT).data[0],
    ]);
  });

  test("a picture that is not square is turned before it is squashed", () => {
    const wide: Image = {
      width: 96,
      height: 48,
      channels: 1,
      data: new Uint8Array(96 * 48).map((_, i) => (i % 96 === 48 ? 255 : 0)),
    };
    const { data } = augment(wide, find("12 degrees, x 1, plain"), AT);
    // A line through the middle, 12 degrees off the vertical: over 40 of 48 rows it moves 40 tan 12 pixels, half of that once squashed.
    const at = (row: number): number =>
      middle(
        data.map((value, i) => (Math.floor(i / SIZE) === row ? value : 0)),
        20,
      ).x * SIZE;
    expect(Math.abs(at(4) - at(44) - 20 * Math.tan((12 * Math.PI) / 180))).toBeLessThan(1);
  });
});

describe("intensity", () => {
  /** One grey level a Hounsfield unit, 0 HU being 128. */
  const UNIT = { ...AT, window: { centerHu: 0, widthHu: 256 } };
  const flat = hounsfield(64, () => 0);

  test("the noise has a deviation of 4 HU and no mean", () => {
    const { data } = augment(flat, find("0 degrees, x 1, noise"), { ...UNIT, size: 64 });
    const mean = data.reduce((sum, value) => sum + value, 0) / data.length;
    const deviation = Math.sqrt(data.reduce((sum, value) => sum + (value - mean) ** 2, 0) / data.length);
    // Four standard errors of 4096 draws; rounding to bytes adds a variance of 1/12.
    expect(Math.abs(mean - 128)).toBeLessThan(0.25);
    expect(Math.abs(deviation - Math.sqrt(16 + 1 / 12))).toBeLessThan(0.18);
  });

  test("the noise of a picture is what the window makes of 4 HU, the same in all channels", () => {
    const colour: Image = { width: 64, height: 64, channels: 3, data: new Uint8Array(64 * 64 * 3).fill(128) };
    const { data } = augment(colour, find("0 degrees, x 1, noise"), { ...AT, size: 64 });
    const red = data.filter((_, i) => i % 3 === 0);
    const deviation = Math.sqrt(red.reduce((sum, value) => sum + (value - 128) ** 2, 0) / red.length);
    expect(Math.abs(deviation - (4 * 255) / 79)).toBeLessThan(0.6);
    expect(data.filter((_, i) => i % 3 === 2)).toEqual(red);
  });

  test("the blur spreads a point as a Gaussian of 0.7 pixels and keeps its sum", () => {
    const point = hounsfield(SIZE, (x, y) => (x === 20 && y === 24 ? 120 : 0));
    const { data } = augment(point, find("0 degrees, x 1, blur"), UNIT);
    const at = (x: number, y: number): number => data[y * SIZE + x] - 128;
    expect(at(21, 24) / at(20, 24)).toBeCloseTo(Math.exp(-1 / (2 * 0.49)), 1);
    expect(data.reduce((sum, value) => sum + value - 128, 0) / 120).toBeCloseTo(1, 1);
  });

  test("the blur continues the edge", () => expect(augment(flat, find("0 degrees, x 1, blur"), UNIT)).toEqual(augment(flat, 0, UNIT)));

  test("equalisation spreads dull texture and keeps black black", () => {
    const plain = augment(head, 0, AT).data;
    const spread = augment(head, find("0 degrees, x 1, CLAHE"), AT).data;
    const disc = [...plain.keys()].filter((i) => Math.hypot((i % SIZE) - 24, Math.floor(i / SIZE) - 24) < 5);
    const range = (data: Uint8Array): number => Math.max(...disc.map((i) => data[i])) - Math.min(...disc.map((i) => data[i]));
    expect(range(spread)).toBeGreaterThan(1.5 * range(plain));
    expect(spread[0]).toBe(0);
  });

  test("equalisation leaves a flat picture flat, its level moved by no more than the slope of 3", () => {
    const { data } = augment(flat, find("0 degrees, x 1, CLAHE"), UNIT);
    expect(new Set(data).size).toBe(1);
    expect(Math.abs(data[0] - 128)).toBeLessThanOrEqual(3);
  });

  test("a grey slice stored in colour stays grey in every variant", () => {
    const grey = pictureOf(head, 64, WINDOW).data;
    const colour: Image = {
      width: 64,
      height: 64,
      channels: 3,
      data: new Uint8Array(grey.length * 3).map((_, i) => grey[Math.floor(i / 3)]),
    };
    all(colour).forEach((data, k) => {
      const differ = [...data.keys()].some((i) => data[i] !== data[i - (i % 3)]);
      expect(differ, variantName(VARIANTS[k])).toBe(false);
    });
    const single = augment({ width: 64, height: 64, channels: 1, data: grey }, 0, AT).data;
    expect(augment(colour, 0, AT).data.filter((_, i) => i % 3 === 1)).toEqual(single);
  });
});

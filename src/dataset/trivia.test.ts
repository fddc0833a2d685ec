// Trivial features of images, and whether they separate the classes more than by accident.
import { describe, expect, test } from "vitest";
import { drawText } from "./bitmap-font.ts";
import type { Image } from "./image.ts";
import { meanTrivia, separations, triviaOf, type Trivia } from "./trivia.ts";

const WINDOW = { centerHu: 40, widthHu: 80 };

const image = (width: number, height: number, pixel: (i: number) => readonly number[]): Image => {
  const { length: channels } = pixel(0);
  return {
    width,
    height,
    channels: channels === 3 ? 3 : 1,
    data: Uint8Array.from({ length: width * height * channels }, (_, i) => pixel(Math.floor(i / channels))[i % channels]),
  };
};

describe("the features of an image", () => {
  test("its size, grey, black and colour", () => {
    const half = triviaOf(
      image(192, 96, (i) => [i % 192 < 96 ? 0 : 100]),
      WINDOW,
    );
    expect(half).toMatchObject({ width: 192, height: 96, aspect: 2, saturation: 0, "letters in corners": 0 });
    expect(half["mean grey"]).toBeCloseTo(50, 0);
    expect(half["share of black"]).toBeCloseTo(0.5, 1);
    const red = triviaOf(
      image(96, 96, () => [200, 100, 100]),
      WINDOW,
    );
    expect(red.saturation).toBeCloseTo(0.5);
    expect(red["mean grey"]).toBeCloseTo(400 / 3);
    const units: Image = { unit: "HU", width: 96, height: 96, channels: 1, data: new Float32Array(96 * 96).fill(40) };
    expect(triviaOf(units, WINDOW)["mean grey"]).toBeCloseTo(128, -1);
  });

  test("letters in its corners, and means over a case", () => {
    const plain = image(128, 128, () => [0]);
    const data = new Uint8Array(plain.data);
    drawText("DOE J", (x, y) => void (data[(y + 2) * 128 + x + 1] = 255));
    const both = [triviaOf({ ...plain, data }, WINDOW), triviaOf(plain, WINDOW)];
    expect(both.map((one) => one["letters in corners"])).toEqual([1, 0]);
    expect(meanTrivia(both)["letters in corners"]).toBe(0.5);
  });
});

describe("separations", () => {
  const cases = (count: number, width: (i: number, positive: boolean) => number): { positive: boolean; trivia: Trivia }[] =>
    Array.from({ length: count }, (_, i) => {
      const positive = i % 2 === 1;
      return {
        positive,
        trivia: {
          ...triviaOf(
            image(1, 1, () => [9]),
            WINDOW,
          ),
          width: width(i, positive),
        },
      };
    });
  const widthOf = (given: { positive: boolean; trivia: Trivia }[]) => separations(given).find(({ feature }) => feature === "width");

  test("a width that follows the label is suspicious, whichever is larger", () => {
    for (const sign of [1, -1]) {
      const found = widthOf(cases(40, (i, positive) => 500 + i + sign * (positive ? 100 : 0)));
      expect(found?.auc).toBe(1);
      expect(found?.suspicious).toBe(true);
    }
  });

  test("one that does not is not, and of few cases nothing is", () => {
    expect(widthOf(cases(40, (i) => (i * 7) % 11))).toMatchObject({ suspicious: false });
    expect(widthOf(cases(40, () => 512))).toMatchObject({ auc: 0.5, suspicious: false });
    expect(widthOf(cases(8, (_, positive) => (positive ? 2 : 1)))).toMatchObject({ auc: 1, suspicious: false });
  });

  test("cases of one kind have none", () => {
    expect(separations(cases(4, () => 1).filter(({ positive }) => positive))).toEqual([]);
  });
});

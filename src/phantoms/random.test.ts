// Streams are what makes a cohort reproducible and its cases independent.
import { expect, test } from "vitest";
import { fields, sample } from "./fields.ts";
import { fillGaussian, stream } from "./random.ts";

const firstOf = (seed: string, index: number, purpose: string): number[] => {
  const draw = stream(seed, index, purpose);
  return Array.from({ length: 10 }, () => draw.uniform(0, 1));
};

test("a stream is a function of seed, case and purpose, and of each of them", () => {
  expect(firstOf("a", 1, "anatomy")).toEqual(firstOf("a", 1, "anatomy"));
  const others = [firstOf("b", 1, "anatomy"), firstOf("a", 2, "anatomy"), firstOf("a", 1, "lesion")];
  for (const other of others) expect(other).not.toEqual(firstOf("a", 1, "anatomy"));
});

function moments(values: ArrayLike<number>): { mean: number; deviation: number } {
  const all = Array.from(values);
  const mean = all.reduce((a, b) => a + b, 0) / all.length;
  return { mean, deviation: Math.sqrt(all.reduce((sum, value) => sum + (value - mean) ** 2, 0) / all.length) };
}

test("laws have the moments they name and stay within their clip", () => {
  const draw = stream("laws", 0, "test");
  const many = (law: Parameters<typeof draw.law>[0]): number[] => Array.from({ length: 4000 }, () => draw.law(law));
  const bell = moments(many({ normal: [60, 5] }));
  expect(bell.mean).toBeCloseTo(60, 0);
  expect(bell.deviation).toBeCloseTo(5, 0);
  const skewed = many({ logNormal: [5, 0.35] }).sort((a, b) => a - b);
  expect(skewed[2000]).toBeCloseTo(5, 0);
  const clipped = many({ uniform: [-1, 3], clip: [0, 2] });
  expect(Math.min(...clipped)).toBe(0);
  expect(Math.max(...clipped)).toBe(2);
  expect(() => draw.law({})).toThrow("a law needs two numbers");
});

test("choice follows the weights", () => {
  const draw = stream("choice", 0, "test");
  const names = Array.from({ length: 4000 }, () => draw.choose({ often: 3, seldom: 1, never: 0 }));
  const share = (name: string): number => names.filter((other) => other === name).length / names.length;
  expect(share("often")).toBeCloseTo(0.75, 1);
  expect(share("never")).toBe(0);
});

test("Gaussian noise has unit variance and no memory", () => {
  const noise = fillGaussian(new Float32Array(40_000), [1, 2]);
  const { mean, deviation } = moments(noise);
  expect(mean).toBeCloseTo(0, 1);
  expect(deviation).toBeCloseTo(1, 1);
  for (const lag of [1, 2, 3]) {
    const product = noise.slice(lag).map((value, i) => value * noise[i]);
    expect(Math.abs(moments(product).mean)).toBeLessThan(0.02);
  }
});

test("fields are periodic, continuous and of unit variance", () => {
  const { slow, folds, fine } = fields();
  for (const field of [slow, folds, fine]) {
    const { mean, deviation } = moments(field);
    expect(mean).toBeCloseTo(0, 4);
    expect(deviation).toBeCloseTo(1, 4);
    expect(sample(field, 3, 5, 7)).toBeCloseTo(field[(7 * 64 + 5) * 64 + 3], 5);
    expect(sample(field, -1.25, 70.5, 0.75)).toBeCloseTo(sample(field, 62.75, 6.5, 64.75), 5);
  }
});

// Iterated function systems: a few affine contractions of the plane, whose attractor is a fractal (Barnsley, "Fractals Everywhere", 1988).
// A category of images is one system; its instances are the system with one map scaled a little, turned and mirrored as a whole.
import { between, direction, drawsOf, STREAM, type Draw } from "./draws.ts";

/** (x, y) -> (a x + b y + e, c x + d y + f) */
export interface AffineMap {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly d: number;
  readonly e: number;
  readonly f: number;
}

/** Two to eight maps. */
export type FractalSystem = readonly AffineMap[];

const MAPS = { least: 2, most: 8 } as const;

/** No map stretches by more, however an instance scales it. */
const LARGEST_STRETCH = 0.99;

/**
 * The system of a category, by Anderson and Farrell 2021, "Improving Fractal Pre-training", section 3.1: maps are drawn by their singular values,
 * rotations and reflections, so that every one contracts, with the sum of s1 + 2 s2 over the maps between (5 + n) / 2 and (6 + n) / 2: there
 * attractors are neither dust nor a blot.
 */
export function systemOf(seed: number, category: number): FractalSystem {
  const draw = drawsOf(seed, category, 0, STREAM.category);
  const count = MAPS.least + Math.floor((MAPS.most - MAPS.least + 1) * draw());
  return singularValues(count, between(draw, (5 + count) / 2, (6 + count) / 2), draw).map((values) => mapOf(values, draw));
}

/** Pairs 1 >= s1 >= s2 >= 0 whose s1 + 2 s2 add up to `total`, each drawn from what leaves the pairs after it possible. */
export function singularValues(count: number, total: number, draw: Draw): (readonly [s1: number, s2: number])[] {
  let left = total;
  return Array.from({ length: count }, (_, i) => {
    // What the later pairs can hold at most: 3 each.
    const due = left - 3 * (count - 1 - i);
    const s1 = between(draw, Math.max(0, (i === count - 1 ? left : due) / 3), Math.min(1, left));
    const s2 = i === count - 1 ? (left - s1) / 2 : between(draw, Math.max(0, (due - s1) / 2), Math.min(s1, (left - s1) / 2));
    left -= s1 + 2 * s2;
    return [s1, s2] as const;
  });
}

/** Rotation, stretch along the axes with random signs, rotation; translation in [-1, 1] x [-1, 1]. */
function mapOf([s1, s2]: readonly [number, number], draw: Draw): AffineMap {
  const [cu, su] = direction(draw);
  const [cv, sv] = direction(draw);
  const p = Math.min(s1, LARGEST_STRETCH) * (draw() < 0.5 ? -1 : 1);
  const q = Math.min(s2, LARGEST_STRETCH) * (draw() < 0.5 ? -1 : 1);
  return {
    a: cu * p * cv - su * q * sv,
    b: -cu * p * sv - su * q * cv,
    c: su * p * cv + cu * q * sv,
    d: -su * p * sv + cu * q * cv,
    e: between(draw, -1, 1),
    f: between(draw, -1, 1),
  };
}

/**
 * One map of the system, drawn at random, scaled by 0.8 to 1.1 (Anderson and Farrell 2021; Kataoka et al. 2020 change one parameter by up to a
 * fifth), and kept a contraction.
 */
export function varied(system: FractalSystem, draw: Draw): FractalSystem {
  const chosen = Math.floor(system.length * draw());
  const scale = between(draw, 0.8, 1.1);
  return system.map((map, i) => (i === chosen ? scaled(map, Math.min(scale, LARGEST_STRETCH / stretchOf(map))) : map));
}

const scaled = ({ a, b, c, d, e, f }: AffineMap, by: number): AffineMap => ({ a: a * by, b: b * by, c: c * by, d: d * by, e, f });

/** The larger singular value of a map's matrix. */
export function stretchOf({ a, b, c, d }: AffineMap): number {
  const sum = a * a + b * b + c * c + d * d;
  const determinant = a * d - b * c;
  return Math.sqrt((sum + Math.sqrt(Math.max(0, sum * sum - 4 * determinant * determinant))) / 2);
}

/** The system whose attractor is turned, and mirrored first where `mirror` is set: R A R^-1, R b. */
export function turned(system: FractalSystem, [cosine, sine]: readonly [number, number], mirror: boolean): FractalSystem {
  return system.map((map) => {
    const { a, b, c, d, e, f } = mirror ? { ...map, b: -map.b, c: -map.c, e: -map.e } : map;
    const [p, q, r, s] = [cosine * a - sine * c, cosine * b - sine * d, sine * a + cosine * c, sine * b + cosine * d];
    return {
      a: p * cosine - q * sine,
      b: p * sine + q * cosine,
      c: r * cosine - s * sine,
      d: r * sine + s * cosine,
      e: cosine * e - sine * f,
      f: sine * e + cosine * f,
    };
  });
}

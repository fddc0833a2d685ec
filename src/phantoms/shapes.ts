// Signed distances (mm, negative inside) to simple solids, and soft edges between tissues.
import type { Vector } from "../dicom/read-slice.ts";

/** Weight of the inside: 1 deeper than half an edge, 0 farther out, linear between. */
export function inside(distanceMm: number, edgeMm: number): number {
  const weight = 0.5 - distanceMm / edgeMm;
  return weight < 0 ? 0 : weight > 1 ? 1 : weight;
}

export function clamp(value: number, low: number, high: number): number {
  return value < low ? low : value > high ? high : value;
}

/** An ellipsoid, turned about z so that on the left side its front end lies nearer to the midline. */
export interface Ellipsoid {
  readonly centre: Vector;
  readonly axes: Vector;
  readonly cos: number;
  readonly sin: number;
}

export function ellipsoid(centre: Vector, axes: Vector, turnDegrees = 0): Ellipsoid {
  const turn = (turnDegrees * Math.PI) / 180;
  return { centre, axes, cos: Math.cos(turn), sin: Math.sin(turn) };
}

/** The same ellipsoid with longer or shorter axes. */
export function grown(shape: Ellipsoid, by: number): Ellipsoid {
  const [a, b, c] = shape.axes;
  return { ...shape, axes: [a * by, b * by, c * by] };
}

/**
 * Distance to an ellipsoid: first order, exact on the surface.
 * Quilez, "ellipsoid - distance functions": k0 (k0 - 1) / k1.
 */
export function toEllipsoid({ centre, axes, cos, sin }: Ellipsoid, x: number, y: number, z: number): number {
  const dx = x - centre[0];
  const dy = y - centre[1];
  const u = (dx * cos - dy * sin) / axes[0];
  const v = (dx * sin + dy * cos) / axes[1];
  const w = (z - centre[2]) / axes[2];
  const k0 = Math.sqrt(u * u + v * v + w * w);
  const ua = u / axes[0];
  const vb = v / axes[1];
  const wc = w / axes[2];
  const k1 = Math.sqrt(ua * ua + vb * vb + wc * wc);
  return k1 < 1e-9 ? -Math.min(axes[0], axes[1], axes[2]) : (k0 * (k0 - 1)) / k1;
}

/** A bent, tapering tube: balls at [x, y, z, radius], joined by straight cones. */
export interface Tube {
  readonly count: number;
  /** [count][x, y, z, radius] */
  readonly balls: Float64Array;
  /** Farther than this along an axis from the bounds, `toTube` says `reach` instead of measuring. */
  readonly reach: number;
  readonly bounds: Float64Array;
}

export type Ball = readonly [x: number, y: number, z: number, radius: number];

export function tube(balls: readonly Ball[], reach: number): Tube {
  const flat = Float64Array.from(balls.flat());
  const bounds = Float64Array.of(Infinity, -Infinity, Infinity, -Infinity, Infinity, -Infinity);
  for (const ball of balls)
    for (let axis = 0; axis < 3; axis++) {
      bounds[2 * axis] = Math.min(bounds[2 * axis], ball[axis] - ball[3] - reach);
      bounds[2 * axis + 1] = Math.max(bounds[2 * axis + 1], ball[axis] + ball[3] + reach);
    }
  return { count: balls.length, balls: flat, reach, bounds };
}

/** Distance to a tube, or `reach` where that is at least as far. */
export function toTube(shape: Tube, x: number, y: number, z: number): number {
  const { balls, bounds, count, reach } = shape;
  if (x < bounds[0] || x > bounds[1] || y < bounds[2] || y > bounds[3] || z < bounds[4] || z > bounds[5]) return reach;
  let nearest = reach;
  for (let i = 0; i + 1 < count; i++) {
    const at = 4 * i;
    const ax = balls[at];
    const ay = balls[at + 1];
    const az = balls[at + 2];
    const bx = balls[at + 4] - ax;
    const by = balls[at + 5] - ay;
    const bz = balls[at + 6] - az;
    const px = x - ax;
    const py = y - ay;
    const pz = z - az;
    const t = clamp((px * bx + py * by + pz * bz) / (bx * bx + by * by + bz * bz), 0, 1);
    const dx = px - t * bx;
    const dy = py - t * by;
    const dz = pz - t * bz;
    const distance = Math.sqrt(dx * dx + dy * dy + dz * dz) - (balls[at + 3] + t * (balls[at + 7] - balls[at + 3]));
    if (distance < nearest) nearest = distance;
  }
  return nearest;
}

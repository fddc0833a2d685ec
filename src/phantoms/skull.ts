// Skull and scalp: a superellipsoid inner table with a shell of bone and soft tissue around it. Head coordinates, mm.
import { AIR_HU } from "../dicom/window.ts";
import { fields, sample } from "./fields.ts";
import type { Skull } from "./patient.ts";
import { clamp, inside } from "./shapes.ts";
import type { Spot } from "./tissue.ts";

const CENTRE_Y = 2;
const CENTRE_Z = 8;
const POWER = 2.15;
/** Beyond this there is only air, and nothing to measure. */
const FAR_MM = 135;

/** How far a point lies outside the inner table, and how much folds are stretched there. Written by `measureSkull`. */
export interface SkullPlace {
  outMm: number;
  /** 1 at the surface, larger inside. */
  stretch: number;
}

/** Distance to the inner table along the ray from the middle of the head: r (1 - 1/F), negative inside. */
export function measureSkull(skull: Skull, x: number, y: number, z: number, place: SkullPlace): void {
  const r = Math.sqrt(x * x + (y - CENTRE_Y) ** 2 + (z - CENTRE_Z) ** 2);
  if (r > FAR_MM) {
    place.outMm = r - 85;
    place.stretch = 1;
    return;
  }
  const v = (y - CENTRE_Y) / 81;
  const halfWidth = 70 * (1 + skull.egg * v + skull.plagiocephaly * v * Math.sign(x));
  // Below its middle the head hardly narrows: there the base of the skull closes it, not the vault.
  const w = (z - CENTRE_Z) / (z > CENTRE_Z ? 66 : 88);
  const sum = Math.abs(x / halfWidth) ** POWER + Math.abs(v) ** POWER + Math.abs(w) ** POWER;
  const f = Math.max(0.2, sum ** (1 / POWER));
  place.outMm = r * (1 - 1 / f);
  place.stretch = 1 / Math.sqrt(f);
}

/** Thickness of the bone at a place; `slow` is slow noise of unit variance. */
export function boneThickness(skull: Skull, x: number, y: number, slow: number): number {
  const ax = Math.abs(x);
  const behind = 0.35 * clamp((y - 50) / 15, 0, 1) * clamp((22 - ax) / 12, 0, 1);
  const front = 0.2 * clamp((-45 - y) / 10, 0, 1);
  const temple = 0.3 * clamp((ax - 52) / 12, 0, 1) * clamp((45 - Math.abs(y)) / 20, 0, 1);
  return Math.max(2.2, skull.thicknessMm * (1 + 0.13 * slow + behind + front - temple));
}

const TABLE_MM = 1.6;
/** The temporal muscle at its thickest. */
const MUSCLE_MM = 8.5;

/** Auricles reach from here to here in z and y, and stand off the scalp the more the farther back. */
const EAR = { fromZ: -62, toZ: -6, fromY: 10, toY: 42, standOffMm: 13 } as const;

/** HU of bone, scalp and air at a spot outside the inner table. */
export function outsideHu(skull: Skull, spot: Spot, thicknessMm: number): number {
  const { x, y, z } = spot;
  const outMm = Math.max(0, spot.outMm);
  const aboveMm = outMm - thicknessMm;
  if (aboveMm > skull.scalpMm + MUSCLE_MM) return earHu(skull, spot, aboveMm, AIR_HU);
  // Lids lie before the orbits where elsewhere there is bone.
  if (y < -45 && z < -24 && aboveMm < 6 && Math.hypot(Math.abs(x) - 31, z + 42) < 16) return aboveMm < 0 ? -60 : 45;
  if (aboveMm >= 0.5) return earHu(skull, spot, aboveMm, scalpHu(skull, spot, aboveMm));
  const bone = boneHu(skull, spot, outMm, thicknessMm);
  const beyond = inside(aboveMm, 1);
  return beyond === 1 ? bone : bone * beyond + scalpHu(skull, spot, 0) * (1 - beyond);
}

/** A thin shell of cartilage and skin, thicker along its rim, over what lies there otherwise. */
function earHu({ scalpMm }: Skull, { x, y, z }: Spot, aboveMm: number, behindHu: number): number {
  const { fromZ, toZ, fromY, toY, standOffMm } = EAR;
  if (z < fromZ || z > toZ || y < fromY || y > toY || x * x < 2500) return behindHu;
  const along = (y - fromY) / (toY - fromY);
  const up = (2 * z - fromZ - toZ) / (toZ - fromZ);
  // The outline is an ellipse whose middle lies behind the canal; 1 on it.
  const rim = Math.sqrt((2 * along - 1) ** 2 + up * up);
  const ripple = 1.2 * sample(fields().folds, y * 0.35, z * 0.2, x > 0 ? 3 : 30);
  const shell = Math.abs(aboveMm - scalpMm - 1 - standOffMm * along * Math.sqrt(along) - ripple) - (rim > 0.75 ? 2.8 : 1.9);
  const weight = inside(Math.max(shell, (rim - 1) * 14), 1.2);
  return behindHu + (45 - behindHu) * weight;
}

function boneHu(skull: Skull, { x, y, z }: Spot, outMm: number, thicknessMm: number): number {
  const middle = Math.min(outMm, thicknessMm - outMm) - TABLE_MM;
  const diploe = 620 + 160 * sample(fields().fine, x * 0.55, y * 0.55, z * 0.55);
  let hu = 1250 + (diploe - 1250) * clamp(0.5 + middle / 1.4, 0, 1);
  if (skull.frontalSinus && y < -55) {
    const centre = Math.min(-62 - y, 24 - Math.abs(x), 2 - z, middle + 1.1);
    hu += (-900 - hu) * clamp(0.5 + centre, 0, 1);
  }
  return hu;
}

function scalpHu({ scalpMm }: Skull, { x, y, z }: Spot, aboveMm: number): number {
  const ax = Math.abs(x);
  // The temporal muscle lies between bone and fat.
  const along = 1 - ((y + 22) / 40) ** 2;
  const muscle = ax > 30 && along > 0 && z < 34 ? MUSCLE_MM * along * Math.min(1, (34 - z) / 30) * clamp((ax - 30) / 12, 0, 1) : 0;
  if (aboveMm < muscle) {
    // Fat between the bundles.
    const fibres = sample(fields().fine, x * 0.4, y * 0.4, z * 0.12);
    return 46 - 50 * clamp((fibres - 0.7) / 0.8, 0, 1);
  }
  const height = aboveMm - muscle;
  if (height > scalpMm) return AIR_HU;
  const galea = 30 + (-75 - 30) * clamp((height - 0.8) / 0.8, 0, 1);
  const skin = galea + (60 - galea) * clamp((height - (scalpMm - 3.3)) / 0.8, 0, 1);
  return AIR_HU + (skin - AIR_HU) * inside(height - scalpMm + 0.4, 0.8);
}

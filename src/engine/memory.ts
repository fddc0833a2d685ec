// Where the values of a step lie: lifetimes to offsets in a few arenas. WebGPU forbids one buffer to be bound `read` and `read_write` in the
// same dispatch, even on disjoint ranges, so whatever one launch reads and writes must lie in different arenas.
import { roundUp } from "../tensor/shape.ts";

/** Something that needs memory from launch `from` to launch `to`, both included. */
export interface Tenant {
  readonly name: string;
  readonly bytes: number;
  readonly from: number;
  readonly to: number;
}

export interface Place {
  readonly arena: number;
  readonly offset: number;
  readonly bytes: number;
}

export interface Layout {
  readonly places: ReadonlyMap<Tenant, Place>;
  /** Bytes of each arena. */
  readonly arenas: readonly number[];
  /** Largest sum of what lives at one moment: no layout can need less. */
  readonly boundBytes: number;
}

/** Start of every tenant: WebGPU's largest offset alignment. */
export const ALIGNMENT = 256;

/**
 * Places tenants, large ones first, each in the arena where it adds least. `apart` gives for a tenant those it must share no arena with;
 * no arena grows beyond `maxArenaBytes`.
 */
export function layOut(tenants: readonly Tenant[], apart: ReadonlyMap<Tenant, ReadonlySet<Tenant>>, maxArenaBytes: number): Layout {
  const places = new Map<Tenant, Place>();
  const arenas: { bytes: number; tenants: Tenant[] }[] = [];
  const bySize = tenants.toSorted((a, b) => b.bytes - a.bytes || a.from - b.from);

  for (const tenant of bySize) {
    const bytes = roundUp(tenant.bytes, ALIGNMENT);
    if (bytes > maxArenaBytes) {
      throw new Error(
        `"${tenant.name}" needs ${bytes} bytes, but this adapter's buffers end at ${maxArenaBytes}: use a smaller batch, width or input`,
      );
    }
    const rivals = apart.get(tenant);
    let best: { arena: number; offset: number; growth: number } | null = null;
    for (let arena = 0; arena < arenas.length; arena++) {
      if (rivals && arenas[arena].tenants.some((other) => rivals.has(other))) continue;
      const offset = lowestGap(arenas[arena].tenants, places, tenant, bytes);
      const growth = Math.max(offset + bytes - arenas[arena].bytes, 0);
      if (offset + bytes <= maxArenaBytes && (!best || growth < best.growth)) best = { arena, offset, growth };
    }
    if (!best) {
      best = { arena: arenas.length, offset: 0, growth: bytes };
      arenas.push({ bytes: 0, tenants: [] });
    }
    places.set(tenant, { arena: best.arena, offset: best.offset, bytes });
    arenas[best.arena].tenants.push(tenant);
    arenas[best.arena].bytes += best.growth;
  }
  return { places, arenas: arenas.map(({ bytes }) => bytes), boundBytes: largestSum(tenants) };
}

/** Where a named value that outlives a step lies: in which of a few buffers, and from which byte on. */
export interface StatePlace {
  readonly buffer: number;
  readonly offset: number;
  readonly bytes: number;
}

/** Packs values into as few buffers as their limit allows, in order, so that neighbours stay neighbours. */
export function packStates(
  states: Iterable<{ readonly name: string; readonly bytes: number }>,
  maxBufferBytes: number,
): { places: Map<string, StatePlace>; buffers: number[] } {
  const places = new Map<string, StatePlace>();
  const buffers: number[] = [];
  for (const { name, bytes: wanted } of states) {
    const bytes = roundUp(wanted, ALIGNMENT);
    if (bytes > maxBufferBytes)
      throw new Error(`state "${name}" needs ${bytes} bytes, but this adapter's buffers end at ${maxBufferBytes}: use a smaller width`);
    if (buffers.length === 0 || buffers[buffers.length - 1] + bytes > maxBufferBytes) buffers.push(0);
    const buffer = buffers.length - 1;
    places.set(name, { buffer, offset: buffers[buffer], bytes });
    buffers[buffer] += bytes;
  }
  return { places, buffers };
}

/** The lowest offset at which `bytes` fit between those tenants of an arena that live at the same time. */
function lowestGap(tenants: readonly Tenant[], places: ReadonlyMap<Tenant, Place>, wanted: Tenant, bytes: number): number {
  const taken = tenants
    .filter(({ from, to }) => from <= wanted.to && to >= wanted.from)
    .map((tenant) => places.get(tenant) as Place)
    .sort((a, b) => a.offset - b.offset);
  let offset = 0;
  for (const place of taken) {
    if (place.offset - offset >= bytes) break;
    offset = Math.max(offset, place.offset + place.bytes);
  }
  return offset;
}

function largestSum(tenants: readonly Tenant[]): number {
  const end = Math.max(0, ...tenants.map(({ to }) => to));
  const change = new Float64Array(end + 2);
  for (const { bytes, from, to } of tenants) {
    change[from] += roundUp(bytes, ALIGNMENT);
    change[to + 1] -= roundUp(bytes, ALIGNMENT);
  }
  let live = 0;
  let largest = 0;
  for (const delta of change) {
    live += delta;
    largest = Math.max(largest, live);
  }
  return largest;
}

// Allocates the memory of a step: live ranges become offsets in a few arenas. WebGPU forbids binding one buffer as `read` and as `read_write` in the
// same dispatch, even on disjoint parts, so what one launch reads and what it writes must lie in different arenas.
import { roundUp } from "../tensor/shape.ts";

/** The scheduled nodes between which a buffer is used, `from` and `to` included, and its size. */
export interface LiveRange {
  readonly name: string;
  readonly bytes: number;
  readonly from: number;
  readonly to: number;
}

export interface Allocation {
  readonly arena: number;
  readonly offset: number;
  readonly bytes: number;
}

export interface MemoryLayout {
  readonly allocations: ReadonlyMap<LiveRange, Allocation>;
  /** Bytes of each arena. */
  readonly arenas: readonly number[];
  /** Largest sum of bytes that live at one moment: no layout needs less. */
  readonly boundBytes: number;
}

/** Every allocation starts at a multiple of this many bytes: WebGPU's largest offset alignment. */
export const ALIGNMENT = 256;

/**
 * Allocates live ranges, large ones first, each in the arena that grows least. `conflicts` gives for a range those that must lie in other arenas.
 * No arena grows beyond `maxArenaBytes`; throws where one range is larger than that.
 */
export function allocate(
  ranges: readonly LiveRange[],
  conflicts: ReadonlyMap<LiveRange, ReadonlySet<LiveRange>>,
  maxArenaBytes: number,
): MemoryLayout {
  const allocations = new Map<LiveRange, Allocation>();
  const arenas: { bytes: number; ranges: LiveRange[] }[] = [];
  const bySize = ranges.toSorted((a, b) => b.bytes - a.bytes || a.from - b.from);

  for (const range of bySize) {
    const bytes = roundUp(range.bytes, ALIGNMENT);
    if (bytes > maxArenaBytes) {
      throw new Error(
        `"${range.name}" needs ${bytes} bytes, but this adapter's buffers are limited to ${maxArenaBytes}: use a smaller batch, width or input`,
      );
    }
    const avoided = conflicts.get(range);
    let best: { arena: number; offset: number; growth: number } | null = null;
    for (let arena = 0; arena < arenas.length; arena++) {
      if (avoided && arenas[arena].ranges.some((other) => avoided.has(other))) continue;
      const offset = lowestGap(arenas[arena].ranges, allocations, range, bytes);
      const growth = Math.max(offset + bytes - arenas[arena].bytes, 0);
      if (offset + bytes <= maxArenaBytes && (!best || growth < best.growth)) best = { arena, offset, growth };
    }
    if (!best) {
      best = { arena: arenas.length, offset: 0, growth: bytes };
      arenas.push({ bytes: 0, ranges: [] });
    }
    allocations.set(range, { arena: best.arena, offset: best.offset, bytes });
    arenas[best.arena].ranges.push(range);
    arenas[best.arena].bytes += best.growth;
  }
  return { allocations, arenas: arenas.map(({ bytes }) => bytes), boundBytes: largestSum(ranges) };
}

/** Memory of a named value that outlives a step: its buffer among a few, and its first byte there. */
export interface StateAllocation {
  readonly buffer: number;
  readonly offset: number;
  readonly bytes: number;
}

/** Packs values into as few buffers as their limit allows, in order, so that neighbours stay neighbours. */
export function packStates(
  states: Iterable<{ readonly name: string; readonly bytes: number }>,
  maxBufferBytes: number,
): { allocations: Map<string, StateAllocation>; buffers: number[] } {
  const allocations = new Map<string, StateAllocation>();
  const buffers: number[] = [];
  for (const { name, bytes: wanted } of states) {
    const bytes = roundUp(wanted, ALIGNMENT);
    if (bytes > maxBufferBytes)
      throw new Error(
        `state "${name}" needs ${bytes} bytes, but this adapter's buffers are limited to ${maxBufferBytes}: use a smaller width`,
      );
    if (buffers.length === 0 || buffers[buffers.length - 1] + bytes > maxBufferBytes) buffers.push(0);
    const buffer = buffers.length - 1;
    allocations.set(name, { buffer, offset: buffers[buffer], bytes });
    buffers[buffer] += bytes;
  }
  return { allocations, buffers };
}

/** The lowest offset in an arena at which `bytes` fit between the allocations that live at the same time as `wanted`. */
function lowestGap(
  ranges: readonly LiveRange[],
  allocations: ReadonlyMap<LiveRange, Allocation>,
  wanted: LiveRange,
  bytes: number,
): number {
  const taken = ranges
    .filter(({ from, to }) => from <= wanted.to && to >= wanted.from)
    .map((range) => allocations.get(range) as Allocation)
    .sort((a, b) => a.offset - b.offset);
  let offset = 0;
  for (const allocation of taken) {
    if (allocation.offset - offset >= bytes) break;
    offset = Math.max(offset, allocation.offset + allocation.bytes);
  }
  return offset;
}

function largestSum(ranges: readonly LiveRange[]): number {
  const end = Math.max(0, ...ranges.map(({ to }) => to));
  const change = new Float64Array(end + 2);
  for (const { bytes, from, to } of ranges) {
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

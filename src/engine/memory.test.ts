// Allocation of a step's memory on random live ranges: what WebGPU forbids never happens, and nothing is smaller than it can be.
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { ALIGNMENT, allocate, type LiveRange, type MemoryLayout } from "./memory.ts";

const LIMIT = 4096;

interface Problem {
  readonly ranges: readonly LiveRange[];
  readonly conflicts: ReadonlyMap<LiveRange, ReadonlySet<LiveRange>>;
}

const problems: fc.Arbitrary<Problem> = fc
  .array(fc.record({ bytes: fc.integer({ min: 1, max: LIMIT }), from: fc.nat(20), length: fc.nat(8) }), { minLength: 1, maxLength: 25 })
  .chain((lives) => {
    const ranges = lives.map(({ bytes, from, length }, i): LiveRange => ({ name: `v${i}`, bytes, from, to: from + length }));
    const range = fc.constantFrom(...ranges);
    return fc.array(fc.tuple(range, range), { maxLength: 12 }).map((pairs) => ({ ranges, conflicts: conflictsOf(pairs) }));
  });

function conflictsOf(pairs: readonly (readonly [LiveRange, LiveRange])[]): Map<LiveRange, Set<LiveRange>> {
  const conflicts = new Map<LiveRange, Set<LiveRange>>();
  for (const [a, b] of pairs.filter(([a, b]) => a !== b)) {
    conflicts.set(a, (conflicts.get(a) ?? new Set()).add(b));
    conflicts.set(b, (conflicts.get(b) ?? new Set()).add(a));
  }
  return conflicts;
}

const allocationOf = ({ allocations }: MemoryLayout, range: LiveRange) => {
  const allocation = allocations.get(range);
  if (!allocation) throw new Error(`${range.name} has no allocation`);
  return allocation;
};

const pairsOf = (ranges: readonly LiveRange[]): [LiveRange, LiveRange][] =>
  ranges.flatMap((a, i) => ranges.slice(i + 1).map((b): [LiveRange, LiveRange] => [a, b]));

test("two values that live at the same time never overlap", () => {
  fc.assert(
    fc.property(problems, ({ ranges, conflicts }) => {
      const layout = allocate(ranges, conflicts, LIMIT);
      for (const [a, b] of pairsOf(ranges)) {
        const [here, there] = [allocationOf(layout, a), allocationOf(layout, b)];
        if (here.arena !== there.arena || a.to < b.from || b.to < a.from) continue;
        expect(here.offset + a.bytes <= there.offset || there.offset + b.bytes <= here.offset, `${a.name} and ${b.name}`).toBe(true);
      }
    }),
  );
});

test("what one launch reads and writes lies in different arenas", () => {
  fc.assert(
    fc.property(problems, ({ ranges, conflicts }) => {
      const layout = allocate(ranges, conflicts, LIMIT);
      for (const [a, others] of conflicts)
        for (const b of others) expect(allocationOf(layout, a).arena).not.toBe(allocationOf(layout, b).arena);
    }),
  );
});

test("every value starts where a binding may start and ends within its arena, and no arena is beyond the limit", () => {
  fc.assert(
    fc.property(problems, ({ ranges, conflicts }) => {
      const layout = allocate(ranges, conflicts, LIMIT);
      for (const range of ranges) {
        const { arena, offset, bytes } = allocationOf(layout, range);
        expect(offset % ALIGNMENT).toBe(0);
        expect(bytes).toBeGreaterThanOrEqual(range.bytes);
        expect(offset + bytes).toBeLessThanOrEqual(layout.arenas[arena]);
      }
      expect(Math.max(...layout.arenas)).toBeLessThanOrEqual(LIMIT);
    }),
  );
});

test("the bound is what lives at the fullest moment, and no layout is below it", () => {
  fc.assert(
    fc.property(problems, ({ ranges, conflicts }) => {
      const { arenas, boundBytes } = allocate(ranges, conflicts, LIMIT);
      const moments = ranges.map(({ from }) => ranges.filter((range) => range.from <= from && range.to >= from));
      const fullest = Math.max(
        ...moments.map((alive) => alive.reduce((sum, { bytes }) => sum + Math.ceil(bytes / ALIGNMENT) * ALIGNMENT, 0)),
      );
      expect(boundBytes).toBe(fullest);
      expect(arenas.reduce((sum, bytes) => sum + bytes, 0)).toBeGreaterThanOrEqual(boundBytes);
    }),
  );
});

test("the same lifetimes give the same allocations", () => {
  fc.assert(
    fc.property(problems, ({ ranges, conflicts }) => {
      expect([...allocate(ranges, conflicts, LIMIT).allocations]).toEqual([...allocate(ranges, conflicts, LIMIT).allocations]);
    }),
  );
});

test("memory is used again as soon as its value is dead", () => {
  const chain = Array.from({ length: 10 }, (_, i): LiveRange => ({ name: `v${i}`, bytes: 1024, from: i, to: i + 1 }));
  expect(allocate(chain, new Map(), LIMIT).arenas).toEqual([2048]);
  const neighbours = conflictsOf(chain.slice(1).map((range, i) => [chain[i], range]));
  expect(allocate(chain, neighbours, LIMIT).arenas).toEqual([1024, 1024]);
});

test("a value that no buffer holds is named, with what to do", () => {
  const huge: LiveRange = { name: "conv1", bytes: LIMIT + 1, from: 0, to: 1 };
  expect(() => allocate([huge], new Map(), LIMIT)).toThrow(
    /"conv1" needs 4352 bytes, but this adapter's buffers are limited to 4096: use a smaller batch/,
  );
});

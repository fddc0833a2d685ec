// The layout of a step's memory on random lifetimes: what WebGPU forbids never happens, and nothing is smaller than it can be.
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { ALIGNMENT, layOut, type Layout, type Tenant } from "./memory.ts";

const LIMIT = 4096;

interface Problem {
  readonly tenants: readonly Tenant[];
  readonly apart: ReadonlyMap<Tenant, ReadonlySet<Tenant>>;
}

const problems: fc.Arbitrary<Problem> = fc
  .array(fc.record({ bytes: fc.integer({ min: 1, max: LIMIT }), from: fc.nat(20), length: fc.nat(8) }), { minLength: 1, maxLength: 25 })
  .chain((lives) => {
    const tenants = lives.map(({ bytes, from, length }, i): Tenant => ({ name: `v${i}`, bytes, from, to: from + length }));
    const tenant = fc.constantFrom(...tenants);
    return fc.array(fc.tuple(tenant, tenant), { maxLength: 12 }).map((pairs) => ({ tenants, apart: rivalry(pairs) }));
  });

function rivalry(pairs: readonly (readonly [Tenant, Tenant])[]): Map<Tenant, Set<Tenant>> {
  const apart = new Map<Tenant, Set<Tenant>>();
  for (const [a, b] of pairs.filter(([a, b]) => a !== b)) {
    apart.set(a, (apart.get(a) ?? new Set()).add(b));
    apart.set(b, (apart.get(b) ?? new Set()).add(a));
  }
  return apart;
}

const placeOf = ({ places }: Layout, tenant: Tenant) => {
  const place = places.get(tenant);
  if (!place) throw new Error(`${tenant.name} has no place`);
  return place;
};

const pairsOf = (tenants: readonly Tenant[]): [Tenant, Tenant][] =>
  tenants.flatMap((a, i) => tenants.slice(i + 1).map((b): [Tenant, Tenant] => [a, b]));

test("two values that live at the same time never overlap", () => {
  fc.assert(
    fc.property(problems, ({ tenants, apart }) => {
      const layout = layOut(tenants, apart, LIMIT);
      for (const [a, b] of pairsOf(tenants)) {
        const [here, there] = [placeOf(layout, a), placeOf(layout, b)];
        if (here.arena !== there.arena || a.to < b.from || b.to < a.from) continue;
        expect(here.offset + a.bytes <= there.offset || there.offset + b.bytes <= here.offset, `${a.name} and ${b.name}`).toBe(true);
      }
    }),
  );
});

test("what one launch reads and writes lies in different arenas", () => {
  fc.assert(
    fc.property(problems, ({ tenants, apart }) => {
      const layout = layOut(tenants, apart, LIMIT);
      for (const [a, others] of apart) for (const b of others) expect(placeOf(layout, a).arena).not.toBe(placeOf(layout, b).arena);
    }),
  );
});

test("every value starts where a binding may start and ends within its arena, and no arena is beyond the limit", () => {
  fc.assert(
    fc.property(problems, ({ tenants, apart }) => {
      const layout = layOut(tenants, apart, LIMIT);
      for (const tenant of tenants) {
        const { arena, offset, bytes } = placeOf(layout, tenant);
        expect(offset % ALIGNMENT).toBe(0);
        expect(bytes).toBeGreaterThanOrEqual(tenant.bytes);
        expect(offset + bytes).toBeLessThanOrEqual(layout.arenas[arena]);
      }
      expect(Math.max(...layout.arenas)).toBeLessThanOrEqual(LIMIT);
    }),
  );
});

test("the bound is what lives at the fullest moment, and no layout is below it", () => {
  fc.assert(
    fc.property(problems, ({ tenants, apart }) => {
      const { arenas, boundBytes } = layOut(tenants, apart, LIMIT);
      const moments = tenants.map(({ from }) => tenants.filter((tenant) => tenant.from <= from && tenant.to >= from));
      const fullest = Math.max(
        ...moments.map((alive) => alive.reduce((sum, { bytes }) => sum + Math.ceil(bytes / ALIGNMENT) * ALIGNMENT, 0)),
      );
      expect(boundBytes).toBe(fullest);
      expect(arenas.reduce((sum, bytes) => sum + bytes, 0)).toBeGreaterThanOrEqual(boundBytes);
    }),
  );
});

test("the same lifetimes give the same places", () => {
  fc.assert(
    fc.property(problems, ({ tenants, apart }) => {
      expect([...layOut(tenants, apart, LIMIT).places]).toEqual([...layOut(tenants, apart, LIMIT).places]);
    }),
  );
});

test("memory is used again as soon as its value is dead", () => {
  const chain = Array.from({ length: 10 }, (_, i): Tenant => ({ name: `v${i}`, bytes: 1024, from: i, to: i + 1 }));
  expect(layOut(chain, new Map(), LIMIT).arenas).toEqual([2048]);
  const neighbours = rivalry(chain.slice(1).map((tenant, i) => [chain[i], tenant]));
  expect(layOut(chain, neighbours, LIMIT).arenas).toEqual([1024, 1024]);
});

test("a value that no buffer holds is named, with what to do", () => {
  const huge: Tenant = { name: "conv1", bytes: LIMIT + 1, from: 0, to: 1 };
  expect(() => layOut([huge], new Map(), LIMIT)).toThrow(
    /"conv1" needs 4352 bytes, but this adapter's buffers end at 4096: use a smaller batch/,
  );
});

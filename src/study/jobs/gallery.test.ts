// The gallery as a file, and the place of blood as it is drawn again.
import { expect, test } from "vitest";
import { makeCohort } from "../../phantoms/cohort.ts";
import { clotOf } from "../../phantoms/clot-mask.ts";
import { protocolOf } from "../profiles.ts";
import { madeUpStudy } from "../report/report-fixture.ts";
import type { StudyContext } from "./context.ts";
import { formatGallery, parseGallery } from "./gallery.ts";
import { readClots } from "./truth.ts";

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

test("a gallery reads back as it was written, maps as shares of their largest value", () => {
  const [{ cases, pointing, passes }] = madeUpStudy({ seeds: [0], models: ["googlenet-pretrained-augmented"], samples: 10 }).galleries;
  const some = cases.slice(0, 3).map(({ finding, ...item }) => ({ ...item, name: finding }));
  const read = parseGallery(bytesOf(formatGallery({ cases: some, pointing, passes })), "gallery.json");
  expect([read.passes, read.pointing]).toEqual([passes, pointing]);
  read.cases.forEach(({ map, ...item }, i) => {
    const { map: written, ...others } = some[i];
    const { name: _, ...own } = others;
    expect(item).toEqual(own);
    const largest = Math.max(...(written?.data ?? []));
    map?.data.forEach((value, k) => expect(Math.abs(value / 255 - (written?.data[k] ?? 9) / largest)).toBeLessThan(0.5 / 255 + 1e-6));
  });
  expect(read.cases).toHaveLength(3);
});

test("of a gallery that an earlier version wrote nothing is shown", () => {
  expect(parseGallery(bytesOf(JSON.stringify([{ case: 1, heat: null }])), "gallery.json")).toEqual({
    cases: [],
    pointing: null,
    passes: 0,
  });
});

test.each([
  ["a picture with fewer pixels than its sides", { picture: { width: 9, height: 9, channels: 1, data: "AAAA" } }, "cases.0.picture"],
  ["a picture that is not base 64", { picture: { width: 1, height: 1, channels: 1, data: "%" } }, "cases.0.picture"],
  ["half a line", { outline: [1, 2, 3] }, "cases.0.outline"],
  ["a probability of 7", { probability: 7 }, "cases.0.probability"],
])("%s in a gallery is refused with file and place", (_, change, place) => {
  const [{ cases, pointing, passes }] = madeUpStudy({ seeds: [0], models: ["googlenet-pretrained-augmented"], samples: 10 }).galleries;
  const { cases: written, ...gallery } = JSON.parse(formatGallery({ cases: cases.slice(0, 1), pointing, passes })) as { cases: object[] };
  const damaged = bytesOf(JSON.stringify({ ...gallery, cases: [{ ...written[0], ...change }] }));
  expect(() => parseGallery(damaged, "a/gallery.json")).toThrow(`a/gallery.json: not a gallery of a study, at ${place}: `);
});

test("clots are known only where truth.csv has the volume that this version of the generator draws", async () => {
  const protocol = protocolOf("quick", { seeds: [0] });
  if (protocol.cohort.kind !== "synthetic") throw new Error("expected a synthetic cohort");
  const specs = makeCohort({ ...protocol.cohort, kind: protocol.cohort.phantoms });
  const [right, wrong] = specs.filter(({ label }) => label === "hemorrhage");
  const volume = clotOf(right).volumeMl;
  const row = (of: typeof right, ml: number): string =>
    `${of.patient},hemorrhage,${of.stratum},putamen,${ml.toFixed(2)},54,5,0.0,explicit,STANDARD`;
  const text = [
    "path,label,stratum,site,volume_ml,age_years,thickness_mm,tilt_degrees,syntax,kernel",
    row(right, volume),
    row(wrong, 77),
    "",
  ].join("\n");
  const context = {
    protocol,
    out: "study",
    plan: [{ kind: "cohort", name: "cohort", id: "0" }],
    platform: { files: { read: async () => new TextEncoder().encode(text) } },
  };
  const clots = await readClots(context as unknown as StudyContext);
  expect(clots(right.index)?.volumeMl).toBe(volume);
  expect(clots(wrong.index)).toBeNull();
  const own = await readClots({
    ...context,
    protocol: { ...protocol, cohort: { kind: "folder", manifest: "", splitSeed: null } },
  } as unknown as StudyContext);
  expect(own(right.index)).toBeNull();
});

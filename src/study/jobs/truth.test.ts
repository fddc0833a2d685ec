// The ground truth of drawn cases as truth.csv has it; a number that is none is refused by file and line.
import { expect, test } from "vitest";
import { memoryFiles } from "../../platform/files-fixture.ts";
import type { StudyContext } from "./context.ts";
import { readTruths } from "./truth.ts";

const HEADER = "path,label,stratum,site,volume_ml,age_years,thickness_mm,tilt_degrees,syntax,kernel,other_bleed";
const truthsOf = (...rows: readonly string[]): ReturnType<typeof readTruths> => {
  const bytes = new TextEncoder().encode([HEADER, ...rows, ""].join("\n"));
  const platform = { files: memoryFiles(new Map([["data/truth.csv", bytes]])) };
  return readTruths({ platform, protocol: { cohort: { kind: "synthetic" } } } as unknown as StudyContext, "data");
};

test("what is known of a case, in words and numbers", async () => {
  const truths = await truthsOf("PH1,left,large,putamen,4.2,54,5,0.0,explicit,S,false", "PH2,none,oldInfarct,,0,61,2.5,12,rle,S,true");
  expect(truths.get("PH1")).toMatchObject({ ageYears: 54, finding: "putamen, 4.2 mL (large)", strata: { volumeMl: 4.2, tilted: false } });
  expect(truths.get("PH2")).toMatchObject({ finding: "old infarct", strata: { otherBleed: true, thicknessMm: 2.5, tilted: true } });
});

test.each([
  ["volume_ml", "PH1,left,large,putamen,,54,5,0.0,explicit,S,false"],
  ["age_years", "PH1,left,large,putamen,4.2,old,5,0.0,explicit,S,false"],
  ["tilt_degrees", "PH1,none,normal,,0,54,5,Infinity,explicit,S,false"],
])("%s that is no number", async (column, row) => {
  await expect(truthsOf(row)).rejects.toThrow(`data/truth.csv line 2: ${column} is not a number`);
});

// Which lists can be trained on, and which can be judged.
import { describe, expect, test } from "vitest";
import { BELOW_VERTEX } from "../dicom/basal-ganglia.ts";
import { parseManifest } from "./manifest.ts";
import { cohortFrom, lacksOf, refuseLacks, type Purpose } from "./readiness.ts";
import { assignSplits, splitPlan } from "./split.ts";

/** "train none" per line; "!" before it marks an excluded case, "!!" one that was not looked at. */
function lacks(purpose: Purpose, ...lines: string[]): string[] {
  const rows = lines.map((line, i) => `${i}.png,${line.replace(/!/g, "").split(" ").reverse().join(",")}`);
  const manifest = parseManifest(["path,label,split", ...rows].join("\n"), "labels.csv");
  const splits = manifest.cases.map(({ split }) => split ?? "train");
  const cohort = cohortFrom(manifest, splits, (index) => {
    const usable = !lines[index].startsWith("!");
    return { usable, reason: usable || lines[index].startsWith("!!") ? null : BELOW_VERTEX };
  });
  return lacksOf(cohort, purpose);
}

/** The same line some times. */
const of = (count: number, line: string): string[] => Array.from({ length: count }, () => line);

const TRAIN = [...of(4, "train none"), ...of(4, "train left")];
const VAL = of(1, "val none");
const TEST = [...of(2, "test none"), ...of(2, "test left")];

test("two cases of each kind held out, one to validate and two classes to train are enough", () => {
  expect(lacks("study", ...TRAIN, ...VAL, ...TEST)).toEqual([]);
});

describe("a study", () => {
  test.each([
    [
      "no test case",
      [...TRAIN, ...VAL],
      '"test" has 0 usable cases of "none" and 0 usable cases with a finding; a study needs 2 of each: add 2 more of "none", or mark lines 3 and 4, with all lines of the same patients, as "test"; add 2 more with a finding, or mark lines 7 and 8,',
    ],
    [
      "one positive test case",
      [...TRAIN, ...VAL, ...TEST.slice(0, 3)],
      '2 usable cases of "none" and 1 usable case with a finding; a study needs 2 of each: add 1 more with a finding, or mark line 7,',
    ],
    [
      "test cases of which one is excluded",
      [...TRAIN, ...VAL, ...TEST.slice(0, 3), "!test left"],
      "1 usable case with a finding; a study needs 2 of each (line 14 cannot be used: the scan stops below the vertex)",
    ],
    [
      "no validation case",
      [...TRAIN, ...TEST],
      '"val" has no usable case; a study chooses thresholds on validation cases: add 1 more, or mark line 3,',
    ],
    [
      "only an excluded validation case",
      [...TRAIN, "!val none", ...TEST],
      '"val" has no usable case; a study chooses thresholds on validation cases (line 10 cannot be used: the scan stops below the vertex): add 1 more, or mark line 3, with all lines of the same patients, as "val"; series that are slabs around the basal ganglia need --slab',
    ],
    [
      "a validation case that was not looked at",
      [...TRAIN, "!!val none", ...TEST],
      '"val" has no usable case; a study chooses thresholds on validation cases (line 10 cannot be used): add 1 more',
    ],
  ])("is refused with %s, by part and line; training is not", (_, lines, message) => {
    expect(lacks("study", ...lines)).toEqual([expect.stringContaining(message)]);
    expect(lacks("train", ...lines)).toEqual([]);
  });

  test("of a part without a line to spare asks for more cases alone", () => {
    const [text] = lacks("study", "train none", "train left", ...VAL, ...of(2, "test none"), "test left");
    expect(text).toContain("add 1 more with a finding");
    expect(text).not.toContain("mark");
  });
});

test.each([
  [
    "no training case",
    TEST,
    '"train" has no usable case; a network needs two classes to learn from: add cases of another class, or mark line 2,',
  ],
  [
    "training cases of one class",
    [...of(3, "train none"), ...TEST],
    'usable cases of "none" alone; a network needs two classes to learn from: add cases of another class, or mark line 7,',
  ],
])("training is refused with %s", (_, lines, message) => {
  expect(lacks("train", ...lines)).toEqual([expect.stringContaining(message)]);
  expect(() => refuseLacks(lacks("train", ...lines))).toThrow(message);
});

test.each([4, 5, 7, 12])("a drawn split of %i patients of each kind is enough for a study", (each) => {
  for (let seed = 0; seed < 20; seed++) {
    const cases = of(each, "none")
      .concat(of(each, "left"))
      .map((label, i) => ({ patient: `P${i}`, label, side: null }));
    const manifest = parseManifest(
      ["path,label,patient", ...cases.map(({ label, patient }, i) => `${i}.png,${label},${patient}`)].join("\n"),
      "labels.csv",
    );
    expect(
      lacksOf(
        cohortFrom(manifest, assignSplits(cases, splitPlan(seed)), () => ({ usable: true, reason: null })),
        "study",
      ),
    ).toEqual([]);
  }
});

test("a cohort that is too small for a drawn split is said to be", () => {
  const cases = ["none", "none", "none", "left", "left", "none"].map((label, i) => ({ patient: `P${i}`, label, side: null }));
  const manifest = parseManifest(["path,label", ...cases.map(({ label }, i) => `${i}.png,${label}`)].join("\n"), "labels.csv");
  const found = lacksOf(
    cohortFrom(manifest, assignSplits(cases, splitPlan()), () => ({ usable: true, reason: null })),
    "study",
  );
  expect(found.join("\n")).toMatch(/with a finding.*the split was drawn: 4 usable patients of each kind suffice/);
});

// What the exit summary of a study must say.
import { expect, test } from "vitest";
import { madeUpStudy } from "../../study/report/report-fixture.ts";
import { resultsText } from "./study.ts";

test("several seeds: means and their spread, contrasts with verdicts, and runs that did not learn", () => {
  const { analysis } = madeUpStudy({ stuck: true });
  const text = resultsText(analysis, { name: "basal ganglia hemorrhage", short: "hemorrhage", plural: "hemorrhages" });
  const [, second] = analysis.arms;
  expect(text).toContain(`${second.auc.value?.toFixed(3)} \u00b1 ${second.sd.value?.toFixed(3)}`);
  expect(text).toMatch(/1 of 24 runs did not learn:\n {2}alexnet-untrained-plain, seed 0: its validation loss/);
  expect(text).toMatch(/alexnet-untrained-plain +0\.\d{3} ± 0\.\d{3} .* 2 of 3 that learned/);
  expect(text).toContain("alexnet-untrained-plain (did not learn)");
  for (const { title, verdict } of analysis.armContrasts)
    expect(
      text.split("\n").find((line) => line.includes(title) && line.trimEnd().endsWith(verdict)),
      title,
    ).toBeDefined();
});

test("one seed: its areas and DeLong's p, and no verdict", () => {
  const { analysis } = madeUpStudy({ seeds: [4] });
  const text = resultsText(analysis, { name: "basal ganglia hemorrhage", short: "hemorrhage", plural: "hemorrhages" });
  expect(text).toContain("p (DeLong)");
  expect(text.split("one seed: not judged")).toHaveLength(10);
  expect(text).not.toMatch(/\bholds\b|not decided/);
  expect(text).not.toContain("mean AUC");
});

// The page of a made-up study, held to what a reader, a screen reader and a reviewer need of it.
import { beforeAll, describe, expect, test } from "vitest";
import { modelCard } from "./model-card.ts";
import { csvFiles } from "./csv-files.ts";
import type { ReportInput } from "./input.ts";
import { grouped } from "../numbers.ts";
import { madeUpStudy } from "./report-fixture.ts";
import { renderReport } from "./report.ts";

let study: ReportInput;
let page: string;
beforeAll(async () => {
  study = madeUpStudy();
  page = await renderReport(study);
});

/** What is seen: without style, data, tags and pictures. */
const textOf = (page: string): string =>
  page
    .replace(/<(style|script)[^>]*>.*?<\/\1>/gs, "")
    .replace(/<svg.*?<\/svg>/gs, "")
    .replace(/<[^>]+>/g, " ")
    .replace(/\s+/g, " ");

describe("the report", () => {
  test("says at top and bottom what it must not be used for, and that its cases are synthetic", () => {
    for (const sentence of [
      "Never for diagnosis or for any decision about a patient.",
      "Results on procedurally generated CT; they show that the software works, not that the model would work on patients.",
    ]) {
      const text = textOf(page);
      expect(text.split(sentence)).toHaveLength(3);
      expect(text.indexOf(sentence)).toBeLessThan(1500);
      expect(text.lastIndexOf(sentence)).toBeGreaterThan(text.length - 700);
    }
  });

  test("shows every model with its area, every contrast and every pair", () => {
    const text = textOf(page);
    for (const { auc } of study.analysis.models) expect(text).toContain(auc.value.toFixed(3));
    for (const title of ["AlexNet, untrained, not augmented", "8. GoogLeNet, fractal-pretrained, augmented"]) expect(text).toContain(title);
    expect(study.analysis.contrasts).toHaveLength(9);
    for (const { title } of study.analysis.contrasts) expect(text).toContain(title);
    expect(page.match(/<td class="self">/g)).toHaveLength(8);
    expect(text).toContain("All 28 pairs");
    expect(text).not.toMatch(/ImageNet-pretrained/);
  });

  test("loads nothing, and runs nothing", () => {
    const sources = [...page.matchAll(/\s(?:src|href|xlink:href|action|poster)="([^"]*)"/g)].map(([, url]) => url);
    expect(sources.length).toBeGreaterThan(50);
    for (const url of sources) expect(url).toMatch(/^(#|data:image\/png;base64,)/);
    expect(page.match(/https?:\/\/[^\s"<]+/g)?.filter((url) => url !== "http://www.w3.org/2000/svg")).toEqual([]);
    expect(page).not.toMatch(/@import|url\(|<link|<iframe|\son\w+=/);
    expect([...page.matchAll(/<script([^>]*)>/g)].map(([, attributes]) => attributes)).toEqual([
      ' type="application/json" id="study-data"',
    ]);
  });

  test("prints no number that is none", () => {
    const text = textOf(page);
    expect(text).not.toMatch(/\b(NaN|undefined|Infinity|null|\[object)\b/);
    expect(page.match(/<svg.*?<\/svg>/gs)?.join("")).not.toMatch(/NaN|undefined|Infinity/);
  });

  test("holds its data as JSON that nothing in it can end", () => {
    const [, json] = /<script type="application\/json" id="study-data">([^<]*)<\/script>/.exec(page) ?? [];
    const data = JSON.parse(json) as ReportInput;
    expect(data.analysis).toEqual(study.analysis);
    expect(data.protocol).toEqual(study.protocol);
    expect(data.scores).toEqual(study.scores);
    expect(Object.keys(data)).not.toContain("galleries");
  });

  test("headings step down one level at a time, and every link within the page leads somewhere", () => {
    const levels = [...page.matchAll(/<h(\d)/g)].map(([, level]) => Number(level));
    expect(levels.filter((level) => level === 1)).toHaveLength(1);
    expect(levels[0]).toBe(1);
    levels.slice(1).forEach((level, i) => expect(level - levels[i]).toBeLessThanOrEqual(1));
    const ids = [...page.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [, id] of page.matchAll(/href="#([^"]+)"/g)) expect(ids).toContain(id);
    for (const [, id] of page.matchAll(/aria-labelledby="([^"]+)"/g)) expect(ids).toContain(id);
  });

  test("every picture has words, every table a caption and headers, and tables and figures are numbered in order", () => {
    for (const [image] of page.matchAll(/<img[^>]*>/g)) expect(image).toMatch(/alt="[^"]{10,}"/);
    for (const [svg] of page.matchAll(/<svg[^>]*>/g)) expect(svg).toMatch(/role="img" aria-label="[^"]{20,}"/);
    const tables = page.match(/<table>.*?<\/table>/gs) ?? [];
    expect(tables.length).toBeGreaterThan(15);
    for (const table of tables) expect(table).toMatch(/<caption>\s*<span\s*>\s*<b>Table \d+\.<\/b>.*<th scope="col".*<th scope="row"/s);
    for (const kind of ["Table", "Figure"]) {
      const numbers = [...page.matchAll(new RegExp(`<b>${kind} (\\d+)\\.</b>`, "g"))].map(([, number]) => Number(number));
      expect(numbers).toEqual(numbers.map((_, i) => i + 1));
    }
  });

  test("shows every error of its first model, with and without heat", () => {
    const [{ model, cases }] = study.galleries;
    const operating = study.analysis.models.find((one) => one.model === model)?.operating;
    const errors = (operating?.falseNegatives ?? 0) + (operating?.falsePositives ?? 0);
    expect(errors).toBeGreaterThan(3);
    expect(page.match(/class="badge bad">false (negative|positive)/g)).toHaveLength(errors);
    expect(page.match(/under Grad-CAM"/g)).toHaveLength(cases.length);
    expect(textOf(page)).toContain("These are all of its errors");
    expect(page.match(/alt="Variant \d+/g)).toHaveLength(48);
  });

  test("answers all 42 items of CLAIM and all 34 of STARD", () => {
    const [claim, stard] = page.match(/<div class="table long checklist">.*?<\/table>/gs) ?? [];
    expect([claim, stard].map((table) => table?.match(/<th scope="row"/g)?.length)).toEqual([42, 34]);
  });

  test("whatever is put into it is text", async () => {
    const evil = '<img src=x onerror=alert(1)>"&';
    const [gallery, ...others] = study.galleries;
    const page = await renderReport({
      ...study,
      cases: { ...study.cases, source: evil },
      galleries: [{ ...gallery, cases: gallery.cases.slice(0, 1).map((one) => ({ ...one, finding: evil })) }, ...others],
      provenance: { ...study.provenance, commands: [evil, "</script>"] },
    });
    expect(page).not.toContain("<img src=x");
    expect(page).toContain("&lt;img src=x onerror=alert(1)&gt;&quot;&amp;");
    expect(page.match(/<\/script>/g)).toHaveLength(1);
  });

  test("says so where the held-out cases were scored more than once", async () => {
    const again = await renderReport({ ...study, provenance: { ...study.provenance, testScorings: 3 } });
    expect(textOf(again)).toContain("The held-out cases were scored 3 times within this study.");
    expect(textOf(page)).not.toContain("times within this study");
  });

  test("equal studies are equal pages", async () => {
    expect(await renderReport(study)).toBe(page);
  });
});

test("one arm alone, of one seed, and a perfect one make a page too", async () => {
  const page = await renderReport(madeUpStudy({ seeds: [4], arms: ["googlenet-pretrained-augmented"], perfect: true }));
  const text = textOf(page);
  expect(text).toContain("perfect separation");
  expect(text).toContain("One seed was run");
  expect(text).not.toMatch(/\b(NaN|undefined|Infinity)\b/);
  expect(text).toContain("one deep-learning model,");
});

test("CSV files hold the analysis in full digits, one line per model, contrast, pair and point", () => {
  const files = csvFiles(study.analysis);
  const lines = (name: string): string[] => files[name].trimEnd().split("\n");
  expect(Object.keys(files)).toEqual(["models.csv", "contrasts.csv", "pairs.csv", "roc.csv", "seeds.csv"]);
  expect(["models.csv", "contrasts.csv", "pairs.csv", "seeds.csv"].map((name) => lines(name).length - 1)).toEqual([8, 9, 28, 24]);
  expect(lines("roc.csv").length - 1).toBe(study.analysis.models.reduce((sum, { roc }) => sum + roc.length, 0));
  expect(lines("models.csv")[3].split(",")[7]).toBe(String(study.analysis.models[2].auc.value));
  expect(lines("contrasts.csv")[1]).toMatch(/^"AlexNet, untrained: augmented against not augmented",alexnet-untrained-augmented,/);
  const columns = (line: string): number => line.replace(/"[^"]*"/g, "").split(",").length;
  for (const name of Object.keys(files)) for (const line of lines(name)) expect(columns(line)).toBe(columns(lines(name)[0]));
});

test("a model card says what the model is, on what it was judged, and what it is not for", () => {
  const card = modelCard(study, "googlenet-pretrained-augmented");
  const judged = study.analysis.models[7];
  for (const told of [
    "# GoogLeNet, fractal-pretrained, augmented",
    "Not a medical device",
    "Results on procedurally generated CT",
    "at 0.25 of the paper's channels",
    judged.auc.value.toFixed(3),
    "center 40 HU and width 80 HU",
    study.runs.find(({ model, seed }) => model === judged.model && seed === 0)?.weights ?? "no run",
    ...study.provenance.commands,
  ])
    expect(card).toContain(told);
  const titles =
    "What it is|Training data|Evaluation|Intended use|Out of scope|Known failures|Ethics and privacy|Time and machine|How to reproduce it|Contact";
  expect([...card.matchAll(/^## (.*)$/gm)].map(([, title]) => title).join("|")).toBe(titles);
  expect(card).not.toMatch(/NaN|undefined|Infinity/);
  // 60,965,224 at 1000 classes; 997 fewer outputs of fc8, each with 4096 weights and a bias.
  const whole = { ...study, protocol: { ...study.protocol, width: 1, size: { alexnet: 227, googlenet: 224 } } };
  expect(modelCard(whole, "alexnet-untrained-plain")).toContain(`${grouped(60_965_224 - 997 * 4097)} parameters`);
  expect(() => modelCard(study, "lenet")).toThrow('the study has no analysis of "lenet"');
});

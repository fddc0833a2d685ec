// The page of a made-up study, held to what a reader, a screen reader and a reviewer need of it.
import { parseHTML } from "linkedom";
import { beforeAll, describe, expect, test } from "vitest";
import { modelCard } from "./model-card.ts";
import { csvFiles } from "./csv-files.ts";
import type { ReportInput } from "./input.ts";
import { grouped } from "../numbers.ts";
import { madeUpStudy } from "./report-fixture.ts";
import { renderReport } from "./report.ts";

let study: ReportInput;
let page: string;
/** Not changed by any test. */
let tree: Tree;
beforeAll(async () => {
  study = madeUpStudy();
  page = await renderReport(study);
  tree = treeOf(page);
});

type Tree = ReturnType<typeof parseHTML>["document"];
type Element = NonNullable<ReturnType<Tree["querySelector"]>>;

/** The page as a tree of elements. */
const treeOf = (page: string): Tree => parseHTML(page).document;

/** All elements of a tree that a selector finds. */
const all = (selector: string, within = tree): Element[] => [...within.querySelectorAll(selector)];

/** What a reader sees: without style, data and pictures. */
function textOf(page: string): string {
  const tree = treeOf(page);
  for (const unseen of tree.querySelectorAll("style, script, svg")) unseen.remove();
  // Neighbouring cells and paragraphs are words of their own.
  for (const block of tree.querySelectorAll("*")) block.append(" ");
  return (tree.documentElement.textContent ?? "").replace(/\s+/g, " ");
}

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
    expect(all("td.self")).toHaveLength(8);
    expect(text).toContain("All 28 pairs");
    expect(text).not.toMatch(/ImageNet-pretrained/);
  });

  test("loads nothing, and runs nothing", () => {
    const attributes = all("*").flatMap((element) => [...element.attributes]);
    const sources = attributes.filter(({ name }) => /^(src|srcset|(xlink:)?href|action|poster|data)$/.test(name)).map(({ value }) => value);
    expect(sources.length).toBeGreaterThan(50);
    for (const url of sources) expect(url).toMatch(/^(#|data:image\/png;base64,)/);
    expect(page.match(/https?:\/\/[^\s"<]+/g)?.filter((url) => url !== "http://www.w3.org/2000/svg")).toEqual([]);
    expect(page).not.toMatch(/@import|url\(/);
    expect(all("link, iframe, object, embed, base")).toEqual([]);
    expect(attributes.filter(({ name }) => name.startsWith("on"))).toEqual([]);
    expect(all("script").map(({ id, attributes }) => [id, [...attributes].find(({ name }) => name === "type")?.value])).toEqual([
      ["study-data", "application/json"],
    ]);
  });

  test("prints no number that is none", () => {
    const text = textOf(page);
    expect(text).not.toMatch(/\b(NaN|undefined|Infinity|null|\[object)\b/);
    expect(
      all("svg")
        .map(({ outerHTML }) => outerHTML)
        .join(""),
    ).not.toMatch(/NaN|undefined|Infinity/);
  });

  test("holds its data as JSON that nothing in it can end", () => {
    const [{ textContent }] = all("#study-data");
    const data = JSON.parse(textContent ?? "") as ReportInput;
    expect(data.analysis).toEqual(study.analysis);
    expect(data.protocol).toEqual(study.protocol);
    expect(data.scores).toEqual(study.scores);
    expect(Object.keys(data)).not.toContain("galleries");
  });

  test("headings step down one level at a time, and every link within the page leads somewhere", () => {
    const levels = all("h1, h2, h3, h4, h5, h6").map(({ tagName }) => Number(tagName.slice(1)));
    expect(levels.filter((level) => level === 1)).toHaveLength(1);
    expect(levels[0]).toBe(1);
    levels.slice(1).forEach((level, i) => expect(level - levels[i]).toBeLessThanOrEqual(1));
    const ids = all("[id]").map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const link of all("a[href^='#']")) expect(ids).toContain(link.getAttribute("href")?.slice(1));
    for (const element of all("[aria-labelledby]")) expect(ids).toContain(element.getAttribute("aria-labelledby"));
  });

  test("every picture has words, every table a caption and headers, and tables and figures are numbered in order", () => {
    for (const image of all("img")) expect(image.getAttribute("alt")?.length, image.outerHTML.slice(0, 200)).toBeGreaterThanOrEqual(10);
    for (const picture of all("svg")) {
      expect(picture.getAttribute("role")).toBe("img");
      expect(picture.getAttribute("aria-label")?.length).toBeGreaterThanOrEqual(20);
    }
    const tables = all("table");
    expect(tables.length).toBeGreaterThan(15);
    for (const table of tables) {
      expect(table.querySelector("caption b")?.textContent).toMatch(/^Table \d+\.$/);
      expect(table.querySelector("th[scope=col]")).not.toBeNull();
      expect(table.querySelector("th[scope=row]")).not.toBeNull();
    }
    const captions = all("caption b, figcaption b").map(({ textContent }) => /^(Table|Figure) (\d+)\.$/.exec(textContent ?? ""));
    for (const kind of ["Table", "Figure"]) {
      const numbers = captions.filter((caption) => caption?.[1] === kind).map((caption) => Number(caption?.[2]));
      expect(numbers.length, kind).toBeGreaterThan(5);
      expect(numbers).toEqual(numbers.map((_, i) => i + 1));
    }
  });

  test("shows every error of its first model, with and without heat", () => {
    const [{ model, cases }] = study.galleries;
    const operating = study.analysis.models.find((one) => one.model === model)?.operating;
    const errors = (operating?.falseNegatives ?? 0) + (operating?.falsePositives ?? 0);
    expect(errors).toBeGreaterThan(3);
    expect(all(".badge.bad").filter(({ textContent }) => /^false (negative|positive)/.test(textContent ?? ""))).toHaveLength(errors);
    expect(all("img[alt$='under Grad-CAM']")).toHaveLength(cases.length);
    expect(textOf(page)).toContain("These are all of its errors");
    expect(all("img[alt^='Variant ']")).toHaveLength(48);
  });

  test("answers all 42 items of CLAIM and all 34 of STARD", () => {
    expect(all(".checklist table").map((table) => table.querySelectorAll("th[scope=row]").length)).toEqual([42, 34]);
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
    const tree = treeOf(page);
    expect(all("img[src=x], [onerror]", tree)).toEqual([]);
    expect(textOf(page)).toContain(evil);
    expect(all("script", tree)).toHaveLength(1);
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

test("one model alone, of one seed, and a perfect one make a page too", async () => {
  const page = await renderReport(madeUpStudy({ seeds: [4], models: ["googlenet-pretrained-augmented"], perfect: true }));
  const text = textOf(page);
  expect(text).toContain("perfect separation");
  expect(text).toContain("One seed was run");
  expect(text).not.toMatch(/\b(NaN|undefined|Infinity)\b/);
  expect(text).toContain("one deep-learning model,");
});

test("a run that did not learn is named first, marked, and no finding rests on it", async () => {
  const stuck = madeUpStudy({ stuck: true });
  const text = textOf(await renderReport(stuck));
  const tree = treeOf(await renderReport(stuck));
  expect(tree.querySelector(".abstract p")?.textContent).toMatch(
    /^Runs that did not learn\. 1 of 24 runs: model 1, seed 0 \(its validation loss .*; it has 1 distinct score for 110 cases\)/,
  );
  expect(text.split("AlexNet, untrained, not augmented (did not learn)").length).toBeGreaterThan(5);
  expect(text).toContain("lowest AUC of 7 models that learned");
  expect(text).toContain("1, 2; did not learn: 0");
  expect(text).toContain("without model 1, seed 0, which did not learn");
  expect(textOf(page)).not.toContain("did not learn)");
});

test("CSV files hold the analysis in full digits, a line a model, contrast, pair and point", () => {
  const files = csvFiles(study.analysis);
  const lines = (name: string): string[] => files[name].trimEnd().split("\n");
  const counts = { "models.csv": 8, "contrasts.csv": 9, "pairs.csv": 28, "seeds.csv": 24, "arms.csv": 8, "arm-contrasts.csv": 9 };
  expect(Object.keys(files).toSorted()).toEqual([...Object.keys(counts), "decision-curves.csv", "roc.csv"].toSorted());
  for (const [name, count] of Object.entries(counts)) expect(lines(name).length - 1, name).toBe(count);
  expect(lines("decision-curves.csv").length - 1).toBe(8 * 19);
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

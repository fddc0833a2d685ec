// The page of a made-up study, held to what a reader, a screen reader and a reviewer need of it.
import { createHash } from "node:crypto";
import { parseHTML } from "linkedom";
import { beforeAll, describe, expect, test } from "vitest";
import { modelCard } from "./model-card.ts";
import { csvFiles, externalFile, pointingFile } from "./csv-files.ts";
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
    for (const title of ["A-U: AlexNet, untrained, not augmented", "G-TA: GoogLeNet, fractal-pretrained, augmented"])
      expect(text).toContain(title);
    expect(text).toContain("T is trained further from pretrained weights");
    // Ids are the files' names, and no reader's.
    expect(text.replace(/weights of \S+/g, "")).not.toMatch(/(alexnet|googlenet)-(un|pre)trained|\bmodel \d/);
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

  test("has a policy that allows its own styles, pictures that it contains, and nothing else", () => {
    const content: string = all("meta[http-equiv='Content-Security-Policy']")[0]?.getAttribute("content") ?? "";
    const policy = new Map(
      content.split("; ").map((directive) => {
        const [name, ...sources] = directive.split(" ");
        return [name, sources] as const;
      }),
    );
    expect(policy.get("default-src")).toEqual(["'none'"]);
    expect(policy.get("img-src")).toEqual(["data:"]);
    expect([...policy.keys()].toSorted()).toEqual(["base-uri", "default-src", "form-action", "img-src", "style-src"]);
    const texts = [
      ...all("style").map(({ textContent }) => textContent ?? ""),
      ...all("[style]").map((one) => one.getAttribute("style") ?? ""),
    ];
    const hashes = new Set(texts.map((text) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`));
    expect(hashes.size).toBeGreaterThan(3);
    expect(new Set(policy.get("style-src"))).toEqual(new Set(["'unsafe-hashes'", ...hashes]));
    // It stands before what it rules.
    expect(page.indexOf("Content-Security-Policy")).toBeLessThan(page.indexOf("<style"));
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

  test("leads with what was learned, in the order of what it rests on", () => {
    expect(
      all("h1, h2")
        .map(({ textContent }) => textContent?.trim())
        .slice(1, 3),
    ).toEqual(["What this study shows", "In brief"]);
    const items = all(".lead li").map(({ textContent }) => textContent?.replace(/\s+/g, " ").trim() ?? "");
    const augmentation = study.analysis.armContrasts.filter(({ kind }) => kind === "augmentation");
    const raised = augmentation.filter(({ difference }) => (difference.value ?? 0) > 0).length;
    const significant = augmentation.filter(({ verdict }) => verdict === "holds").length;
    expect(significant).toBeGreaterThan(0);
    const best = Math.max(...study.analysis.arms.map(({ auc }) => auc.value ?? 0));
    expect(items[0]).toBe("All 24 training runs learned.");
    expect(items[1]).toContain(`The largest mean area under the ROC curve (AUC) on 110 held-out synthetic cases is ${best.toFixed(3)}`);
    expect(items[2]).toContain(`Augmentation raised the mean AUC in ${raised} of 4 pairs`);
    expect(items[2]).toContain(`${significant} better with p < 0.05 after adjustment`);
    expect(items[3]).toMatch(/^Pretraining raised/);
    expect(items[4]).toMatch(/^Best GoogLeNet against best AlexNet \(G-TA − A-\w+\): \+0\.\d{3} in mean AUC/);
    expect(items[5]).toMatch(/^At its threshold G-TA \(seed 0\) finds \d+ of 73 hemorrhages/);
    expect(items[6]).toMatch(/^In \d+ of the \d+ hemorrhages that G-TA finds its score rests most on the clot itself/);
  });

  test("the forest shows means over seeds with their intervals, and every seed's area", () => {
    const [forest] = all("svg[aria-label^='Areas under the ROC curve']");
    for (const { auc, interval } of study.analysis.arms)
      expect(forest.getAttribute("aria-label")).toContain(
        `${auc.value?.toFixed(3)}  (${interval.low?.toFixed(3)} to ${interval.high?.toFixed(3)})`,
      );
    expect(all("circle[r='3']", forest)).toHaveLength(24);
    const [contrasts] = all("svg[aria-label^='Differences of areas']");
    expect(all("circle[r='3']", contrasts)).toHaveLength(27);
    for (const { difference } of study.analysis.armContrasts)
      expect(contrasts.getAttribute("aria-label")).toContain(Math.abs(difference.value ?? 9).toFixed(3));
  });

  test("each model's ROC curve has a band, and the arms of a network share a chart", () => {
    const curves = all("svg[aria-label^='ROC curve of']");
    expect(curves).toHaveLength(8);
    for (const curve of curves) expect(all("[fill-opacity='0.16']", curve)).toHaveLength(1);
    expect(all("svg[aria-label^='ROC curves of']").map((chart) => chart.getAttribute("aria-label")?.match(/AUC/g)?.length)).toEqual([4, 4]);
  });

  test("sensitivity is drawn against volume, of the cases whose volume is known", async () => {
    const charts = all("svg[aria-label^='Sensitivity of']");
    expect(charts).toHaveLength(8);
    const { threshold } = study.analysis.models[7];
    const facts = new Map(study.cases.facts.map((fact) => [fact.case, fact.volumeMl]));
    const test = study.scores.find(
      ({ model, seed, split }) => model === "googlenet-pretrained-augmented" && seed === 0 && split === "test",
    );
    const small = (test?.cases ?? []).filter((one) => (facts.get(one.case) ?? Infinity) < 2);
    const found = small.filter(({ score }) => score >= (threshold.score ?? Infinity)).length;
    expect(small.length).toBeGreaterThan(5);
    expect(charts[7].getAttribute("aria-label")).toContain(`below 2 mL ${found} of ${small.length},`);
    const unknown = await renderReport({ ...study, cases: { ...study.cases, facts: [] } });
    expect(unknown).not.toContain("Sensitivity of");
  });

  test("two galleries are open, the others folded; open ones show the slice, what the network saw, and the map", () => {
    const [{ model, cases }] = study.galleries;
    const operating = study.analysis.models.find((one) => one.model === model)?.operating;
    const errors = (operating?.falseNegatives ?? 0) + (operating?.falsePositives ?? 0);
    expect(errors).toBeGreaterThan(3);
    const folded = all("details.gallery .card");
    const open = all(".card").filter((card) => !folded.includes(card));
    const of = (cards: Element[], badge: RegExp): number =>
      cards.filter((card) => badge.test(card.querySelector(".badge")?.textContent ?? "")).length;
    expect(of(open, /^false/)).toBe(errors);
    expect(open).toHaveLength(cases.length + study.galleries[1].cases.length);
    expect(all("details.gallery .cards").length).toBeGreaterThan(0);
    expect(all("details.gallery").filter((one) => one.querySelector(".card"))).toHaveLength(6);
    for (const card of open)
      expect(all("svg.slice", card).map((view) => view.getAttribute("aria-label")?.split(": ")[1].split(",")[0])).toEqual([
        "the slice",
        "what the network saw",
        "its occlusion map",
      ]);
    for (const card of folded) expect(all("svg.slice", card)).toHaveLength(2);
    expect(textOf(page)).toContain("These are all of its errors");
    expect(all("img[alt^='Variant ']")).toHaveLength(48);
  });

  test("blood is outlined where it is known, and sides are marked only where the file says so", async () => {
    const card = all(".card").find((one) => one.textContent?.includes("true positive"));
    expect(card && all("path.blood", card)).toHaveLength(2);
    expect(card && all("svg.slice", card)[0].textContent?.trim()).toBe("RL");
    expect(all(".card").some((one) => one.textContent?.includes("side unknown"))).toBe(false);
    const [first, ...others] = study.galleries;
    const blind = first.cases.map((one) => ({ ...one, outline: null, slice: one.slice && { ...one.slice, outline: null, right: null } }));
    const tree = treeOf(
      await renderReport({ ...study, galleries: [{ ...first, cases: blind }, ...others.map((one) => ({ ...one, cases: [] }))] }),
    );
    expect(all("path.blood, svg.slice text", tree)).toEqual([]);
    expect(all(".card", tree).every((one) => one.textContent?.includes("side unknown"))).toBe(true);
    expect(tree.querySelector("#failures")?.textContent).not.toContain("outline of the blood");
  });

  test("the pointing game counts each model's peaks, and is absent where nobody knows where the blood is", async () => {
    const row = all("#failures tr").find((one) => one.textContent?.includes("G-TA") && one.querySelectorAll("td").length === 5);
    const { cases } = study.galleries[0].pointing as NonNullable<(typeof study.galleries)[0]["pointing"]>;
    const hits = cases.filter(({ occlusion }) => occlusion).length;
    expect(hits).toBeGreaterThan(0);
    expect(row?.querySelectorAll("td")[0].textContent?.trim()).toBe(String(cases.length));
    expect(row?.querySelectorAll("td")[1].textContent).toContain((hits / cases.length).toFixed(2));
    expect(row?.querySelectorAll("td")[3].textContent).toContain("10 %");
    const own = await renderReport({ ...study, galleries: study.galleries.map((one) => ({ ...one, pointing: null })) });
    expect(textOf(own)).not.toMatch(/pointing game: share|rests most on the clot/);
  });

  test("the table of cases has every held-out case and marks every error", () => {
    const rows = all(".cases tbody tr");
    expect(rows).toHaveLength(110);
    const errors = study.analysis.models.reduce(
      (sum, { operating }) => sum + (operating?.falseNegatives ?? 0) + (operating?.falsePositives ?? 0),
      0,
    );
    expect(all(".cases .wrong")).toHaveLength(errors);
  });

  test("the training loss is the main classifier's, or all classifiers' weighted mean, and says which", async () => {
    const curves = (page: string): string[] => all("#learning svg", treeOf(page)).map(({ outerHTML }) => outerHTML);
    const runs = (of: (loss: number, googlenet: boolean) => Record<string, number>): typeof study.runs =>
      study.runs.map((run) => ({
        ...run,
        metrics: run.metrics.map((line) => ({ ...line, ...of(line["loss"], run.model.startsWith("googlenet")) })),
      }));
    // Auxiliary classifiers weigh 0.3 each.
    const summed = await renderReport({ ...study, runs: runs((loss, googlenet) => ({ loss: googlenet ? 1.6 * loss : loss })) });
    const main = await renderReport({ ...study, runs: runs((loss) => ({ loss: 9, mainLoss: loss })) });
    expect(curves(summed)).toEqual(curves(main));
    expect(textOf(summed)).toContain("The training loss of GoogLeNet is the weighted mean");
    expect(textOf(main)).not.toContain("is the weighted mean");
    expect(textOf(main)).toContain("chance, ln 3 = 1.10");
    expect(all("#learning svg").every(({ textContent }) => textContent?.includes("chance"))).toBe(true);
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
  expect(text).toContain("this study holds no two models that the paper compares");
});

/** The same study as if of somebody's pictures: of them nothing is known but the list. */
function ofPictures(study: ReportInput, finding?: string): ReportInput {
  const cohort = { kind: "folder", manifest: "ab".repeat(32), cases: 170, splitSeed: 0, pictures: "all" } as const;
  const unknown = { outline: null, finding: "" };
  return {
    ...study,
    protocol: { ...study.protocol, cohort, ...(finding !== undefined && { finding }) },
    cases: {
      ...study.cases,
      synthetic: false,
      source: "From a folder.",
      reference: "From the list.",
      flow: [],
      characteristics: [],
      facts: [],
    },
    galleries: study.galleries.map((gallery) => ({
      ...gallery,
      pointing: null,
      cases: gallery.cases.map((one) => ({ ...one, ...unknown, slice: one.slice && { ...one.slice, outline: null, right: null } })),
    })),
  };
}

describe("a study of pictures without DICOM", () => {
  /** What a text should not say, with the words around it. */
  const found = (text: string, said: RegExp): string[] =>
    [...text.matchAll(new RegExp(`.{0,40}(?:${said.source}).{0,20}`, "gi"))].map(([words]) => words);
  const small = madeUpStudy({ seeds: [0], models: ["alexnet-untrained-plain"], samples: 20, unknown: true });
  const own = ofPictures(small);

  test("states neither window nor side, nor what only drawn cases can lack", async () => {
    const html = await renderReport(own);
    const text = textOf(html);
    expect(text.match(/as given: window and side unknown/g)?.length).toBeGreaterThanOrEqual(3);
    expect(found(text, /\bHU\b|basal ganglia|trauma|postoperative|generator|blood|\bclots?\b/i)).toEqual([]);
    const labels = [...treeOf(html).querySelectorAll(".slice text")].map(({ textContent }) => textContent);
    expect(labels).toEqual([]);
    expect(text.match(/side unknown/g)?.length).toBeGreaterThan(10);
    expect(text).toContain("in the mean grey of what is neither black nor white");
    expect(found(text, /brain|\bair\b/i)).toEqual([]);
    const card = modelCard(own, "alexnet-untrained-plain");
    expect(card).toContain("a picture (as given: window and side unknown) as 0 to 255");
    expect(card).not.toMatch(/\bHU\b|bleeds|[Cc]hildren|basal ganglia/);
  });

  test("draws R and L where DICOM gives them", () => {
    const marks = [...tree.querySelectorAll(".slice text")].map(({ textContent }) => textContent?.trim());
    expect(marks.slice(0, 2)).toEqual(["R", "L"]);
    expect(textOf(page)).toContain("trauma, children, contrast and postoperative heads were never shown");
  });

  test("calls the finding what the list or the user does", async () => {
    expect(textOf(await renderReport(own))).toContain("Hemorrhage, as the list says: diagnostic accuracy (AUC) of one deep-learning model");
    const named = ofPictures(small, "skull fracture");
    const text = textOf(await renderReport(named));
    expect(text).toContain("Skull fracture: diagnostic accuracy (AUC)");
    expect(text).toContain("P(skull fracture)");
    expect(found(text, /hemorrhages?\b/i)).toEqual([]);
    expect(modelCard(named, "alexnet-untrained-plain")).not.toMatch(/hemorrhage/);
  });
});

test("a second cohort stands beside the held-out cases, and an area below chance is called that", async () => {
  const small = madeUpStudy({ seeds: [0], models: ["alexnet-untrained-plain"], samples: 20 });
  const half = { value: 0.5, low: 0.3, high: 0.7, count: 5, of: 10, exact: { low: 0.2, high: 0.8 } };
  const run = { model: "alexnet-untrained-plain", seed: 0, auc: 0.31, interval: { low: 0.2, high: 0.42 } };
  const external = { positives: 10, negatives: 10, runs: [{ ...run, operating: { sensitivity: half, specificity: half } }] };
  const html = await renderReport({ ...small, external });
  const text = textOf(html);
  expect(text).toContain("On an external cohort (10 cases with hemorrhage and 10 without) A-U");
  expect(text).toContain("has an AUC of 0.310 (95 % interval 0.200 to 0.420), below chance. 1 of 1 run is below chance there.");
  expect(treeOf(html).querySelector("#external td:last-child")?.textContent).toBe("below chance");
  expect(text).not.toContain("There is no external test set");
  expect(modelCard({ ...small, external }, run.model)).toContain(
    "| AUC on an external cohort (DeLong) | 0.310 (95 % interval 0.200 to 0.420), below chance |",
  );
  expect(externalFile(external).trimEnd().split("\n")).toEqual([
    "model,seed,auc,auc_low,auc_high,sensitivity,specificity",
    "alexnet-untrained-plain,0,0.31,0.2,0.42,0.5,0.5",
  ]);
  expect(textOf(page)).toContain("There is no external test set");
  expect(all("#external")).toEqual([]);
});

test("features that say nothing about the finding stand beside the models, and lead where they come near", async () => {
  const rows = all("#shortcuts tbody tr").map(({ textContent }) => textContent?.replace(/\s+/g, " ").trim());
  expect(rows).toHaveLength(8);
  expect(rows[0]).toBe("width0.4700.370 to 0.570");
  expect(textOf(page)).toContain("No such feature comes near G-TA");
  const small = madeUpStudy({ seeds: [0], models: ["alexnet-untrained-plain"], samples: 20 });
  const area = small.analysis.models[0].auc.value;
  const shortcuts = (small.shortcuts ?? []).map((one) => (one.feature === "aspect" ? { ...one, auc: area - 0.04 } : one));
  const lead = treeOf(await renderReport({ ...small, shortcuts }))
    .querySelector(".lead")
    ?.textContent?.replace(/\s+/g, " ");
  expect(lead).toContain(`Shortcuts: without any network the cases are separated by aspect (${(area - 0.04).toFixed(3)}); A-U`);
  expect(textOf(await renderReport({ ...small, shortcuts: null }))).toContain("Not measured in this study.");
});

test("one seed gives differences and no verdict", async () => {
  const text = textOf(await renderReport(madeUpStudy({ seeds: [0] })));
  expect(text).toContain("One seed was run, so this study does not say whether augmentation, pretraining or GoogLeNet helps");
  expect(text).toContain("seed: too few to judge the paper’s claims");
  expect(text).not.toContain("raised the mean AUC");
});

test("a run that did not learn is named first, marked, and no finding rests on it", async () => {
  const stuck = madeUpStudy({ stuck: true });
  const text = textOf(await renderReport(stuck));
  const tree = treeOf(await renderReport(stuck));
  expect(tree.querySelector(".lead li")?.textContent?.replace(/\s+/g, " ").trim()).toMatch(
    /^Runs that did not learn\. 1 of 24 runs: A-U, seed 0 \(its validation loss .*; it has 1 distinct score for 110 cases\)/,
  );
  expect(text.split("(seed 0 did not learn)").length).toBeGreaterThan(5);
  expect(tree.querySelector(".facts")?.textContent).toContain("23 of 24");
  expect(text).toContain("1, 2; did not learn: 0");
  expect(text).toContain("Without A-U, seed 0, which did not learn");
  expect(textOf(page)).not.toContain("seed 0 did not learn");
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

test("pointing.csv has a line per model and found hemorrhage", () => {
  const lines = (pointingFile(study.galleries) ?? "").trimEnd().split("\n");
  expect(lines).toHaveLength(1 + study.galleries.reduce((sum, { pointing }) => sum + (pointing?.cases.length ?? 0), 0));
  expect(lines[0].split(",")).toHaveLength(6);
  expect(lines[1]).toMatch(/^googlenet-pretrained-augmented,\d+,(true|false),(true|false),(true|false),0\.1$/);
  expect(pointingFile([])).toBeNull();
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

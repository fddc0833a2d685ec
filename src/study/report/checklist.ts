// The items of two reporting guidelines, and where this report answers them: CLAIM (Mongan, Moy and Kahn 2020, Radiol Artif Intell 2:e200029)
// and STARD 2015 (Bossuyt et al., BMJ 351:h5527). The items' wording is shortened by us.
import { html, table, type Content, type Html } from "./html.ts";
import { counted } from "../numbers.ts";
import type { Page, Section } from "./page.ts";

interface Item {
  readonly item: string;
  readonly asks: string;
  /** The section that answers; null where the answer itself is all there is. */
  readonly where: string | null;
  readonly answer: string;
}

export function checklists(page: Page, titles: ReadonlyMap<string, string>): Section {
  return {
    id: "checklists",
    title: "Reporting checklists",
    body: html`<p>
        The items of two reporting guidelines, in shortened wording. Where the study does not meet an item, the answer says so.
      </p>
      ${itemTable("CLAIM (2020): checklist for artificial intelligence in medical imaging.", claimItems(page), titles)}
      ${itemTable("STARD 2015: reporting of diagnostic accuracy studies.", stardItems(page), titles)}`,
  };
}

const itemTable = (caption: string, items: readonly Item[], titles: ReadonlyMap<string, string>): Html =>
  table({
    className: "checklist",
    caption: html`<b>Table.</b> ${caption}`,
    columns: [{ title: "item" }, { title: "asks for" }, { title: "where" }, { title: "answer" }],
    rows: items.map(({ item, asks, where, answer }): Content[] => [item, asks, where === null ? "here" : link(where, titles), answer]),
  });

function link(id: string, titles: ReadonlyMap<string, string>): Html {
  const title = titles.get(id);
  if (title === undefined)
    throw new Error(`report: a checklist points to "${id}", which is not a section: ${[...titles.keys()].join(", ")}`);
  return html`<a href="#${id}">${title}</a>`;
}

const item = (item: string, asks: string, where: string | null, answer: string): Item => ({ item, asks, where, answer });

const NOT_ON_PATIENTS = "Not applicable: the cases are synthetic, no patient took part.";
const UNKNOWN = "Not known to the software; to be added by the cases’ provider.";

function claimItems({ input, analysis }: Page): Item[] {
  const { synthetic } = input.cases;
  const { protocol } = input;
  const models = counted(analysis.models.length, "model");
  return [
    item("1", "title names the AI method", "top", "“Deep-learning models” in the title."),
    item("2", "structured summary", "in-brief", "In brief: question, cases, methods, results, meaning."),
    item(
      "3",
      "background, intended use, clinical role",
      "question",
      synthetic ? "The assumed role is triage of head CT; no clinical use is supported." : "No role is assumed; no use is supported.",
    ),
    item("4", "objectives and hypotheses", "question", "Three questions; nine contrasts named beforehand."),
    item(
      "5",
      "prospective or retrospective",
      "cases",
      synthetic ? "Neither: cases are generated." : "Retrospective: cases existed before the protocol.",
    ),
    item("6", "study goal", "question", "A comparison of design choices in the design of a published study; feasibility of the software."),
    item("7", "data sources", "cases", input.cases.source),
    item("8", "eligibility", "cases", "Exclusions and their reasons are in the flow diagram."),
    item("9", "preprocessing", "protocol", "Window, slices, resizing, scale of pixels."),
    item("10", "selection of subsets of data", "protocol", "Slices and pictures of a case by the rule in the protocol."),
    item("11", "definitions of data elements", "cases", `Classes: ${analysis.plan.classes.join(", ")}; positive is any class but “none”.`),
    item(
      "12",
      "de-identification",
      "cases",
      synthetic ? NOT_ON_PATIENTS : "Cases are numbered; outputs contain no name, date or identifier of a scan.",
    ),
    item("13", "missing data", "cases", "Cases that cannot be read completely are excluded and counted."),
    item("14", "reference standard", "cases", input.cases.reference),
    item("15", "why this reference standard", "cases", synthetic ? "The generator knows what it drew; labels have no error." : UNKNOWN),
    item("16", "who annotated", "cases", synthetic ? "The generator; no reader." : UNKNOWN),
    item("17", "annotation tools", "cases", synthetic ? "None needed." : UNKNOWN),
    item("18", "variability of readers", null, synthetic ? "None: labels are not read." : UNKNOWN),
    item(
      "19",
      "sample size",
      "power",
      `${synthetic ? "The paper’s cohort size" : "As many cases as the list has"}; its power is computed.`,
    ),
    item("20", "assignment to partitions", "cases", "Fixed before training; counts in the cohort table."),
    item("21", "level at which partitions are disjoint", "cases", "By patient; pixel duplicates across splits are refused."),
    item("22", "the model", "protocol", "AlexNet and GoogLeNet, layer by layer in the source; inputs and outputs in each model card."),
    item("23", "software", "effort", "Versions of runtime, WebGPU and adapter."),
    item("24", "initial parameters", "protocol", "Initialization, and the origin of pretrained weights."),
    item("25", "training", "protocol", `${models}, ${counted(protocol.seeds.length, "seed")} each; optimiser, rates, augmentation.`),
    item(
      "26",
      "choice of the final model",
      "protocol",
      `${protocol.choice === "last step" ? "The last step of each run" : "Lowest loss on validation"}; the held-out cases are not used for any choice.`,
    ),
    item("27", "ensembles", null, "None."),
    item("28", "metrics", "models", "AUC by case (primary); sensitivity, specificity, accuracy, predictive values, calibration."),
    item("29", "significance and uncertainty", "comparisons", "DeLong, Holm, Wilson, Clopper and Pearson, bootstrap of patients."),
    item("30", "robustness", "robustness", "Seeds and subgroups."),
    item(
      "31",
      "explainability",
      "failures",
      `Occlusion maps beside every case shown${synthetic ? ", and the pointing game where the place of the blood is known" : ""}; of models with many errors, not all cases are shown.`,
    ),
    input.external
      ? item("32", "external data", "external", "A second cohort, scored once by every model.")
      : item("32", "external data", "limits", "Not done."),
    item("33", "flow of cases", "cases", "Flow diagram."),
    item("34", "characteristics by partition", "cases", "Cohort tables."),
    item("35", "performance on all partitions", "models", "Held-out and validation; learning curves for training images."),
    item("36", "accuracy with precision", "models", "95 % intervals throughout."),
    item("37", "failure analysis", "failures", "Every false negative and false positive of the models shown, with pictures."),
    item("38", "limitations", "limits", "Listed."),
    item("39", "implications", "limits", "None for practice."),
    item("40", "registration", null, "Not registered; the protocol’s hash is fixed before the first scoring."),
    item("41", "access to the protocol", "protocol", "In full in this report and in its data block."),
    item("42", "funding", null, "Not known to the software."),
  ];
}

function stardItems({ input, analysis, finding }: Page): Item[] {
  const { synthetic } = input.cases;
  const intended = `${analysis.power.positives} with and ${analysis.power.negatives} without ${finding.short}${synthetic ? ", after the paper’s cohort" : ": as many as the list has"}.`;
  return [
    item("1", "title names a measure of accuracy", "top", "AUC."),
    item("2", "structured abstract", "in-brief", "In brief."),
    item("3", "background, intended use", "question", "Stated, with what is not supported."),
    item("4", "objectives, hypotheses", "question", "Three questions."),
    item("5", "prospective or retrospective", "cases", synthetic ? "Neither: generated." : "Retrospective."),
    item("6", "eligibility", "cases", "Flow diagram."),
    item("7", "how participants were identified", "cases", input.cases.source),
    item("8", "where and when", null, synthetic ? NOT_ON_PATIENTS : `${UNKNOWN} Dates are not read.`),
    item("9", "consecutive, random or convenience", null, synthetic ? "Random draws of the generator, by seed." : UNKNOWN),
    item("10a", "index test", "protocol", "The models, to be rerun from commit, seed and hashes."),
    item("10b", "reference standard", "cases", input.cases.reference),
    item("11", "why this reference standard", "cases", synthetic ? "It is exact." : UNKNOWN),
    item("12a", "cut-off of the index test", "thresholds", "Youden’s index on validation, fixed beforehand."),
    item("12b", "cut-off of the reference standard", "cases", "None: labels are classes."),
    item(
      "13a",
      "was the index test blind to the reference",
      "protocol",
      "Yes: models see pictures only; labels are used in the statistics.",
    ),
    item(
      "13b",
      "was the reference blind to the index test",
      null,
      synthetic ? "Yes: labels precede the models." : "Labels were given before the models were trained.",
    ),
    item("14", "methods of estimation and comparison", "comparisons", "DeLong, paired; Holm."),
    item("15", "indeterminate results", null, "None: every assessable case gets a score."),
    item("16", "missing data", "cases", "Cases that cannot be read completely are excluded and counted."),
    item("17", "analyses of variability", "robustness", "Seeds and subgroups; exploratory."),
    item("18", "sample size", "power", intended),
    item("19", "flow", "cases", "Flow diagram."),
    item("20", "baseline characteristics", "cases", "Cohort tables."),
    item("21a", "severity in those with the condition", "cases", synthetic ? "Strata of the cohort table." : UNKNOWN),
    item("21b", "other diagnoses in those without", "cases", synthetic ? "Strata of the cohort table." : UNKNOWN),
    item("22", "interval between tests", null, synthetic ? "Both are of the same scan." : UNKNOWN),
    item("23", "cross tabulation", "thresholds", "Hits, misses, false alarms."),
    item("24", "accuracy with precision", "models", "95 % intervals."),
    item("25", "adverse events", null, synthetic ? NOT_ON_PATIENTS : "None possible: scans existed already."),
    item("26", "limitations", "limits", "Listed."),
    item("27", "implications", "limits", "None for practice."),
    item("28", "registration", null, "Not registered."),
    item("29", "full protocol", "protocol", "In this report."),
    item("30", "funding", null, "Not known to the software."),
  ];
}

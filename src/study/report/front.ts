// The front of the report: title, statement, figures at a glance, abstract; then the question, the cases and the protocol.
import type { Share, Split } from "../analysis/result.ts";
import { capitalised } from "../finding.ts";
import { settingsOf, type Source } from "../settings.ts";
import { figure, html, raw, table, type Content, type Html } from "./html.ts";
import type { FlowStep } from "./input.ts";
import { counted, digits2, digits3, interval, percent, pSentence, spelled } from "../numbers.ts";
import { explained, highest, isPositive, learnedModels, shortName, statement, type Page, type Section } from "./page.ts";
import { lead, ranked } from "./lead.ts";
import { NAMES } from "./results.ts";

export const reportTitle = ({ input, analysis, finding }: Page): string =>
  `${capitalised(finding.name)}${input.cases.synthetic ? " on noncontrast head CT" : ""}: diagnostic accuracy (AUC) of ${spelled(analysis.models.length).toLowerCase()} deep-learning ` +
  `${analysis.models.length === 1 ? "model" : "models"}${input.cases.synthetic ? ", on synthetic data" : ""}`;

export function header(page: Page): Html {
  const { input, analysis, finding } = page;
  const [best] = ranked(analysis);
  const test = analysis.cohort.splits.find(({ split }) => split === "test");
  const learned = analysis.runs.filter(({ faults }) => faults.length === 0).length;
  const several = analysis.seeds.length > 1;
  const facts: [value: string, what: string][] = [
    [digits3(best.area), `largest ${several ? "mean " : ""}AUC: ${shortName(page, best.model.model)}`],
    [`${learned} of ${analysis.runs.length}`, "training runs learned"],
    [
      String(test?.cases ?? 0),
      `held-out ${input.cases.synthetic ? "synthetic cases" : "cases"}: ${test?.positives ?? 0} with ${finding.short}, ${test?.negatives ?? 0} without`,
    ],
    [
      String(analysis.seeds.length),
      several ? `seeds; ${claimsHeld(page)}` : "seed: too few to judge the paper’s claims; three or more give verdicts",
    ],
  ];
  return html`<header>
    <p class="kicker">Striatum ${input.provenance.version} · report of a study · profile “${input.protocol.profile}”</p>
    <h1>${reportTitle(page)}</h1>
    ${statement(input)} ${lead(page)}
    <dl class="facts">
      ${facts.map(
        ([value, what]) =>
          html`<div>
            <dt>${what}</dt>
            <dd>${value}</dd>
          </div> `,
      )}
    </dl>
    ${abstract(page)}
  </header> `;
}

function claimsHeld({ analysis }: Page): string {
  const tested = analysis.claims.filter(({ verdict }) => verdict !== "not tested" && verdict !== "not judged");
  if (tested.length === 0) return "the paper’s claims are not judged";
  const held = tested.filter(({ verdict }) => verdict === "holds").length;
  return `${held} of the ${tested.length} claims of the paper that could be judged ${held === 1 ? "holds" : "hold"} here in full`;
}

function abstract(page: Page): Html {
  const { input, analysis, finding } = page;
  const best = highest(analysis);
  const worst = learnedModels(analysis).reduce((a, b) => (b.auc.value < a.auc.value ? b : a));
  const split = (name: Split): number => analysis.cohort.splits.find(({ split }) => split === name)?.cases ?? 0;
  const between = analysis.contrasts.find(({ kind }) => kind === "network")?.test;
  const kind = input.cases.synthetic ? "synthetic cases" : "cases";
  const parts: [string, Content][] = [
    [
      "Question",
      `How well do two-dimensional convolutional networks (deep learning) detect ${input.cases.synthetic ? `${finding.name} on noncontrast head CT` : `the finding (${finding.name}) in the images of these cases`}, and what do pretraining and augmentation add when training cases are few?`,
    ],
    [
      "Cases",
      `${counted(analysis.cohort.cases, kind.slice(0, -1))}: ${split("train")} for training, ${split("val")} for validation, ${split("test")} held out. ${input.cases.source}`,
    ],
    [
      "Methods",
      `${spelled(analysis.models.length)} ${analysis.models.length === 1 ? "model" : "models"}, trained on the same cases, with thresholds chosen on validation; the held-out cases scored ${timesScored(page)}. Primary endpoint: area under the ROC curve (AUC) by case, with DeLong’s intervals and paired tests, adjusted by Holm’s method. ${NAMES}`,
    ],
    [
      "Results",
      `AUC ranged from ${digits3(worst.auc.value)} (${shortName(page, worst.model)}) to ${digits3(best.auc.value)} (95 % interval ${interval(best.auc.delong)}; ${explained(page, best.model)}), seed ${best.seed}.` +
        (best.operating
          ? ` At the threshold chosen on validation the latter had a sensitivity of ${shareSentence(best.operating.sensitivity)} and a specificity of ${shareSentence(best.operating.specificity)}.`
          : "") +
        (between
          ? ` The best GoogLeNet on validation, ${shortName(page, between.first)}, against the best AlexNet, ${shortName(page, between.second)}: difference ${digits3(between.difference)}, ${pSentence(between.holm)} (adjusted).`
          : ""),
    ],
    [
      "Meaning",
      input.cases.synthetic
        ? "The cases were drawn by a program. The results show that the software works and how its parts compare on such cases; they say nothing about patients."
        : "One cohort, one set of labels, one split. The results hold for these cases only.",
    ],
  ];
  return html`<section class="abstract" aria-labelledby="in-brief">
    <h2 id="in-brief" style="border:0;margin:0 0 .6rem;padding:0;font-size:1.15rem">In brief</h2>
    ${parts.map(([name, text]) => html`<p><strong>${name}.</strong> ${text}</p> `)}
  </section>`;
}

const shareSentence = ({ value, low, high, count, of }: Share): string =>
  `${digits2(value)} (${count} of ${of}; 95 % interval ${digits2(low)} to ${digits2(high)})`;

const timesScored = ({ input }: Page): string =>
  input.provenance.testScorings === 1 ? "once" : `${input.provenance.testScorings} times, which is more often than the protocol allows`;

export function question({ input, finding }: Page): Section {
  return {
    id: "question",
    title: "The question",
    body: html`${
        input.cases.synthetic
          ? html`<p>
              The basal ganglia are the most common site of hypertensive intracerebral hemorrhage, and noncontrast CT shows it within
              minutes. A program that reads such scans first could sort a worklist. The design assumes this clinical role; the study does
              not support that use.
            </p>`
          : html`<p>
              The finding of these cases: ${finding.name}. What the images show besides, and what a program that detects the finding would
              be used for, is not known to the software. No use is supported.
            </p>`
      }
      <p>
        In 2017 a study (arXiv 1710.03823) trained AlexNet and GoogLeNet on 45 head CTs and reported an AUC of 1.00 for the best of eight
        models: two networks, each with and without ImageNet pretraining, each with and without forty-eight-fold augmentation. This report
        asks the same questions of ${input.cases.synthetic ? "a synthetic cohort of the same make-up" : "another cohort"}:
      </p>
      <ol>
        <li>Does augmentation raise the AUC of each network?</li>
        <li>Does pretraining raise it, with augmentation and without?</li>
        <li>Does the best GoogLeNet exceed the best AlexNet?</li>
      </ol>
      <p>
        The answers are in <a href="#claims">Where the paper’s claims hold</a>; the precision that a cohort of this size allows is in
        <a href="#power">What this cohort can show</a>.
      </p>`,
  };
}

const SPLITS: readonly { readonly split: Split; readonly title: string }[] = [
  { split: "train", title: "training" },
  { split: "val", title: "validation" },
  { split: "test", title: "held-out test" },
];

export function cases(page: Page): Section {
  const { input, analysis, finding } = page;
  const { cohort } = analysis;
  const labels = [...new Set(cohort.counts.map(({ label }) => label))].sort(
    (a, b) => analysis.plan.classes.indexOf(a) - analysis.plan.classes.indexOf(b),
  );
  const countOf = (split: Split, label: string, stratum?: string): number =>
    cohort.counts
      .filter((row) => row.split === split && row.label === label && (stratum === undefined || row.stratum === stratum))
      .reduce((sum, { cases }) => sum + cases, 0);
  const rows = labels.flatMap((label) => {
    const strata = [
      ...new Set(cohort.counts.filter((row) => row.label === label && row.stratum !== "").map(({ stratum }) => stratum)),
    ].sort();
    const line = (title: Content, counts: number[]): Content[] => [title, ...counts, counts.reduce((a, b) => a + b, 0)];
    return [
      line(
        labelTitle(label, finding.short === "hemorrhage" && input.cases.synthetic ? finding.name : finding.short),
        SPLITS.map(({ split }) => countOf(split, label)),
      ),
      ...strata.map((stratum) =>
        line(
          html`<span class="muted"> ${stratum}</span>`,
          SPLITS.map(({ split }) => countOf(split, label, stratum)),
        ),
      ),
    ];
  });
  const total = SPLITS.map(({ split }) => cohort.splits.find((row) => row.split === split)?.cases ?? 0);
  return {
    id: "cases",
    title: "Cases",
    body: html`<p>${input.cases.source} ${input.cases.reference}</p>
      <p>
        Training, validation and held-out cases are disjoint by patient. Case numbers are anonymous; no name, date or identifier of a scan
        is in this report.
      </p>
      ${figure(flowDiagram(page, labels, countOf), html`<b>Figure.</b> Flow of cases: what was read, what was excluded and why, and the split of each case.`)}
      ${table({
        caption: html`<b>Table.</b> Cases by finding and split.`,
        columns: [{ title: "finding" }, ...SPLITS.map(({ title }) => ({ title, numeric: true })), { title: "all", numeric: true }],
        rows: [...rows, [html`<b>all cases</b>`, ...total.map((count) => html`<b>${count}</b>`), html`<b>${cohort.cases}</b>`]],
      })}
      ${
        input.cases.characteristics.length === 0
          ? null
          : table({
              caption: html`<b>Table.</b> Characteristics of the cases, by split.`,
              columns: [{ title: "characteristic" }, ...SPLITS.map(({ title }) => ({ title }))],
              rows: input.cases.characteristics.map(({ name, of }) => [name, ...SPLITS.map(({ split }) => of[split] ?? "not known")]),
            })
      }`,
  };
}

const labelTitle = (label: string, finding: string): string => {
  if (!isPositive(label)) return `no ${finding}`;
  return label === "hemorrhage" ? finding : `${finding}, ${label}`;
};

function flowDiagram({ input, analysis }: Page, labels: readonly string[], countOf: (split: Split, label: string) => number): Html {
  const step = ({ what, count, leftOut }: FlowStep): Html =>
    html`<li>
      <div class="box"><b>${count}</b> ${what}</div>
      ${
        leftOut.length === 0
          ? null
          : html`<div class="left-out">
              left out
              <ul>
                ${leftOut.map(({ reason, count }) => html`<li>${count}: ${reason}</li>`)}
              </ul>
            </div>`
      }
    </li> `;
  const splits = SPLITS.map(({ split, title }) => {
    const counts = analysis.cohort.splits.find((row) => row.split === split);
    return html`<li class="box">
      <b>${counts?.cases ?? 0}</b> ${title}
      <ul>
        ${labels.map((label) => html`<li>${countOf(split, label)} ${label}</li>`)}
      </ul>
    </li> `;
  });
  return html`<ol class="flow">
    ${input.cases.flow.map(step)}
    <li>
      <ul class="splits">
        ${splits}
      </ul>
    </li>
  </ol>`;
}

const SOURCES: Readonly<Record<Source, { readonly badge: string; readonly text: string }>> = {
  paper: { badge: "paper", text: "given in the paper’s abstract" },
  DIGITS: { badge: "other", text: "a default of Caffe and DIGITS, which the senior author’s related papers name" },
  ours: { badge: "ours", text: "chosen by us" },
};

export function protocol({ input, analysis }: Page): Section {
  const settings = settingsOf(input.protocol);
  const ours = settings.filter(({ source }) => source === "ours").length;
  const badge = (source: Source): Html => html`<span class="badge ${SOURCES[source].badge}">${source}</span>`;
  return {
    id: "protocol",
    title: "Protocol",
    body: html`<p>
        Everything below was fixed, and hashed, before the first held-out case was scored: protocol
        <code>${input.provenance.hashes.find(({ name }) => name === "protocol")?.sha256 ?? "not recorded"}</code>. The paper’s abstract
        gives few of its settings. Of ${settings.length} settings ${ours} (${percent(ours / settings.length)}) were chosen for this study;
        they are not the paper’s.
      </p>
      <p>
        A case’s score is 1 minus the probability of “none”, averaged over its slices; a case is positive if its class is not “none”. Models
        and thresholds are chosen on validation cases only. Analysis: ${analysis.plan.bootstrap.samples} stratified bootstrap resamples of
        patients, and seed ${analysis.plan.primarySeed} named beforehand as the one in the tables.
      </p>
      ${table({
        className: "plain",
        caption: html`<b>Table.</b> The protocol, and the source of each value:
          ${raw(
            Object.keys(SOURCES)
              .map((source) => html`${badge(source as Source)} ${SOURCES[source as Source].text}`.html)
              .join("; "),
          )}.`,
        columns: [{ title: "setting" }, { title: "value" }, { title: "chosen by" }],
        rows: settings.map(({ setting, value, source }) => [setting, value, badge(source)]),
      })}`,
  };
}

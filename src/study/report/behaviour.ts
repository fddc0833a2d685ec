// Learning curves, calibration, spread over seeds, and subgroups.
import { networkNamed } from "../../models/index.ts";
import { startGraph } from "../../train/training-graphs.ts";
import type { NetworkName } from "../protocol.ts";
import type { Calibration, ModelAnalysis, ModelName } from "../analysis/result.ts";
import { calibrationChart, decisionChart, learningChart, type LossPoint } from "./charts.ts";
import { figure, html, raw, table, type Content, type Html } from "./html.ts";
import type { RunRecord } from "./input.ts";
import { colourOf } from "./model-title.ts";
import { counted, digits2, digits3, estimate, interval, pValue } from "../numbers.ts";
import {
  armCell,
  explained,
  highest,
  modelCell,
  pairCell,
  reason,
  shareCell,
  shortName,
  stacked,
  type Page,
  type Section,
} from "./page.ts";

export function learning(page: Page): Section {
  const { analysis, input, plot } = page;
  const runs = analysis.models.flatMap(({ model, seed }) => input.runs.filter((run) => run.model === model && run.seed === seed));
  const chance = Math.log(analysis.plan.classes.length);
  const most = topOfAxis(page, runs, chance);
  const charts = runs.map((run) => {
    const validation = losses(run, "validationLoss");
    const curve = {
      name: shortName(page, run.model),
      colour: colourOf(page.models.get(run.model) as ModelName),
      training: trainingLosses(page, run),
      validation,
      kept: validation.find(({ step }) => step === run.metrics.find(({ epoch }) => epoch === run.bestEpoch)?.step) ?? null,
      chance,
    };
    return html`<div>
      <h3>${modelCell(page, run.model)}</h3>
      ${raw(learningChart(plot, curve, most))}
    </div> `;
  });
  const mixed = [...new Set(runs.filter((run) => headsIn(page, run) > 1).map(({ model }) => networkTitle(page, model)))];
  return {
    id: "learning",
    title: "Learning curves",
    body:
      runs.length === 0
        ? html`<p>This report was given no training runs.</p>`
        : figure(
            html`<div class="multiples">${charts}</div>`,
            html`<b>Figure.</b> Loss on training images (dashed grey; random crops and mirrors, dropout on) and on validation cases (solid)
              by step. Dotted: chance, ln ${analysis.plan.classes.length} = ${digits2(chance)}, the loss of equal probabilities. Ring: the
              weights that were kept and evaluated. All axes end at ${digits2(most)}; larger values are drawn at the
              edge.${
                mixed.length > 0
                  ? ` The training loss of ${mixed.join(" and ")} is the weighted mean of the main classifier and its auxiliary ones, since these runs recorded only their sum; the validation loss is the main classifier’s alone.`
                  : ""
              }`,
            "long",
          ),
  };
}

const networkTitle = ({ models }: Page, model: string): string => networkNamed((models.get(model) as ModelName).network).title;

/** The main classifier's loss in training, under the name that runs record it by. */
const MAIN_LOSS = "mainLoss";

/** Sum of the weights of the classifiers whose losses a run's training loss adds up: 1 where it is the main one's. */
function headsIn({ models, input }: Page, { model, metrics }: RunRecord): number {
  if (metrics.some((line) => Number.isFinite(line[MAIN_LOSS]))) return 1;
  const { network } = models.get(model) as ModelName;
  const { width, size, classes } = input.protocol;
  const options = { network: networkNamed(network), classes: classes.length, width, size: size[network as NetworkName], batch: 1 };
  return startGraph(options).built.heads.reduce((sum, { lossWeight }) => sum + lossWeight, 0);
}

/** The main classifier's; where runs recorded the weighted sum of all classifiers, their weighted mean, whose chance is the same. */
function trainingLosses(page: Page, run: RunRecord): LossPoint[] {
  const own = losses(run, MAIN_LOSS);
  const weights = headsIn(page, run);
  return own.length > 0 ? own : losses(run, "loss").map(({ step, loss }) => ({ step, loss: loss / weights }));
}

const losses = ({ metrics }: RunRecord, metric: string): LossPoint[] =>
  metrics.flatMap((line) => (Number.isFinite(line[metric]) ? [{ step: line.step, loss: line[metric] }] : []));

/** Room for nearly all points, so that one bad epoch does not press all curves flat, and for the line at chance. */
function topOfAxis(page: Page, runs: readonly RunRecord[], chance: number): number {
  const all = runs
    .flatMap((run) => [...trainingLosses(page, run), ...losses(run, "validationLoss")].map(({ loss }) => loss))
    .sort((a, b) => a - b);
  const high = all.length > 0 ? all[Math.floor(0.98 * (all.length - 1))] : 1;
  return Math.ceil(5 * Math.max(high, 1.15 * chance)) / 5;
}

export function calibration(page: Page): Section {
  const { analysis, plot, finding } = page;
  const charts = analysis.models.map(
    (model) =>
      html`<div>
        <h3>${modelCell(page, model.model)}</h3>
        ${raw(calibrationChart(plot, model.calibration.bins, { colour: colourOf(model), name: shortName(page, model.model), finding: finding.short }))}
      </div> `,
  );
  const withInterval = (given: Calibration["slope"]): Content =>
    given.value === null
      ? reason(given.reason)
      : stacked(digits2(given.value), given.interval ? `${digits2(given.interval.low)} to ${digits2(given.interval.high)}` : "");
  return {
    id: "calibration",
    title: "Calibration",
    body: html`<p>
        Of the cases to which a model gives 70 %, do 70 % have the finding (${finding.short})? Probabilities are the networks’ own: with so
        few validation cases, no recalibration would be credible.
      </p>
      ${figure(
        html`<div class="multiples">${charts}</div>`,
        html`<b>Figure.</b> Calibration on the held-out cases, in five bins of equal count, each with Wilson’s 95 % interval. On the dashed
          line, predicted and observed shares agree.`,
        "long",
      )}
      ${table({
        caption: html`<b>Table.</b> Calibration. Intercept 0 and slope 1 are ideal; a slope below 1 means that probabilities are too
          extreme.`,
        columns: [
          { title: "model" },
          { title: "Brier score", numeric: true },
          { title: "Brier score of the prevalence", numeric: true },
          { title: "calibration error", numeric: true },
          { title: "intercept", numeric: true },
          { title: "slope", numeric: true },
          { title: "in the large", numeric: true },
        ],
        rows: analysis.models.map(({ model, calibration: { brier, brierOfPrevalence, ece, intercept, slope, inTheLarge } }) => [
          modelCell(page, model),
          digits3(brier),
          digits3(brierOfPrevalence),
          digits3(ece),
          withInterval(intercept),
          withInterval(slope),
          withInterval(inTheLarge),
        ]),
        notes:
          "Calibration error: mean of |observed − predicted| over the five bins, weighted by their counts. In the large: the intercept with the slope fixed at 1; below 0 where probabilities are too high on the whole.",
      })}
      ${netBenefits(page)}`,
  };
}

/** Of all thresholds of the decision curve, those that the table shows. */
const ACTED_FROM = [0.1, 0.2, 0.3, 0.5];

function netBenefits(page: Page): Html {
  const { plot } = page;
  const { models } = page.analysis;
  const at = (curve: ModelAnalysis["decisionCurve"], of: "netBenefit" | "ofAll"): string[] =>
    curve.filter(({ threshold }) => ACTED_FROM.includes(threshold)).map((point) => digits3(point[of]));
  const charts = models.map(
    (model) =>
      html`<div>
        <h3>${modelCell(page, model.model)}</h3>
        ${raw(decisionChart(plot, model.decisionCurve, { colour: colourOf(model), name: shortName(page, model.model), finding: page.finding.short }))}
      </div> `,
  );
  return html`${figure(
    html`<div class="multiples">${charts}</div>`,
    html`<b>Figure.</b> Decision curves on the held-out cases: net benefit of acting where P(${page.finding.short}) reaches a threshold.
      Dashed: acting on all cases; 0: on none. A model is of use where its line lies above both.`,
    "long",
  )}
  ${table({
    caption: html`<b>Table.</b> Net benefit (Vickers and Elkin) of acting where P(${page.finding.short}) reaches a threshold, in true
      positives per case.`,
    columns: [{ title: "model" }, ...ACTED_FROM.map((threshold) => ({ title: `from ${digits2(threshold)}`, numeric: true }))],
    rows: [
      ...models.map(({ model, decisionCurve }) => [modelCell(page, model), ...at(decisionCurve, "netBenefit")]),
      ["acting on all cases", ...at(models[0].decisionCurve, "ofAll")],
    ],
    notes:
      "Acting on no case is worth 0. At a threshold of 0.10 one positive case found is worth nine false alarms. All thresholds are in tables/decision-curves.csv.",
  })}`;
}

export function robustness(page: Page): Section {
  return {
    id: "robustness",
    title: "Seeds and subgroups",
    body: html`<h3>Spread over seeds</h3>
      ${seeds(page)}
      <h3>Subgroups</h3>
      ${subgroups(page)}`,
  };
}

function seeds(page: Page): Html {
  const { analysis } = page;
  if (analysis.seeds.length === 1)
    return html`<p>
      One seed was run. How much these numbers would change with other random weights, crops and dropout is not known from this study.
    </p>`;
  return html`<p>
      The same models, trained again with other random numbers: initial weights, order of images, crops, mirrors and dropout. Tables
      elsewhere show seed ${analysis.plan.primarySeed}, which the protocol named beforehand.
    </p>
    ${table({
      caption: html`<b>Table.</b> AUC on the held-out cases, by seed.`,
      columns: [
        { title: "model" },
        ...analysis.seeds.map(({ seed, primary }) => ({ title: `seed ${seed}${primary ? " (shown)" : ""}`, numeric: true })),
        { title: "mean", numeric: true },
        { title: "SD", numeric: true },
      ],
      rows: analysis.models.map(({ model, spread }) => [
        armCell(page, model),
        ...analysis.seeds.map(({ seed }) => {
          const found = spread.seeds.find((other) => other.seed === seed);
          const run = analysis.runs.find((one) => one.model === model && one.seed === seed);
          return found ? stacked(digits3(found.auc), run && run.faults.length > 0 ? "did not learn" : "") : "not run";
        }),
        digits3(spread.mean),
        estimate(spread.sd),
      ]),
    })}
    ${table({
      caption: html`<b>Table.</b> The named contrasts, by seed: Holm’s p within each seed; below it the models.`,
      columns: [
        { title: "contrast" },
        ...analysis.seeds.map(({ seed, primary }) => ({ title: `seed ${seed}${primary ? " (shown)" : ""}`, numeric: true })),
      ],
      rows: analysis.contrasts.map(({ title }) => [
        title,
        ...analysis.seeds.map(({ contrasts }) => {
          const test = contrasts.find((contrast) => contrast.title === title)?.test;
          return test
            ? html`${pValue(test.holm)}<br /><span class="muted">${pairCell(page, test.first, test.second)}</span>`
            : "not tested";
        }),
      ]),
    })}`;
}

function subgroups(page: Page): Html {
  const best = highest(page.analysis);
  if (best.subgroups.length === 0) return html`<p>The cases have no attribute that would form subgroups.</p>`;
  return table({
    className: "named",
    caption: html`<b>Table.</b> ${explained(page, best.model)}: AUC and calls by subgroup of the held-out cases. Intervals are wide: this
      table can suggest hypotheses, not test them.`,
    columns: [
      { title: "group" },
      { title: "cases with / without", numeric: true },
      { title: "compared with" },
      { title: "AUC", numeric: true },
      { title: "sensitivity", numeric: true },
      { title: "specificity", numeric: true },
      { title: "against the rest, p (Holm)", numeric: true },
    ],
    rows: best.subgroups.map(({ by, name, positives, negatives, against, auc, perfect, sensitivity, specificity, rest, untested }) => [
      `${by}: ${name}`,
      `${positives} / ${negatives}`,
      against === "own" ? "its own" : against,
      auc.value === null ? "not estimable" : stacked(digits3(auc.value), perfect ?? (auc.interval ? interval(auc.interval) : "")),
      shareCell(positives > 0 ? sensitivity : null),
      shareCell(negatives > 0 ? specificity : null),
      rest ? pValue(rest.holm) : html`<span class="reason">not tested: ${untested ?? "no variance"}</span>`,
    ]),
    notes: `Cases with ${page.finding.short} / without. A group that can have one class only is compared with all cases of the other. The model has the highest of ${counted(page.analysis.models.length, "area")} on these same cases, so its numbers are biased upwards.`,
  });
}

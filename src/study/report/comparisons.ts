// The paired tests, named contrasts first, and what models do at their thresholds: calls against truth, classes and sides.
import type { Comparison, Contrast, ModelAnalysis, Operating } from "../analysis/result.ts";
import { forestChart, type ForestRow } from "./charts.ts";
import { figure, html, joined, raw, table, type Content, type Html } from "./html.ts";
import { colourOf } from "./model-title.ts";
import {
  counted,
  difference,
  digits2,
  digits3,
  estimate,
  freedom,
  interval,
  proportion,
  pSentence,
  pValue,
  share,
  spelled,
} from "../numbers.ts";
import { verdictBadge } from "./discussion.ts";
import {
  explained,
  highest,
  modelCell,
  modelTitle,
  pairCell,
  shareCell,
  shortName,
  stacked,
  withNames,
  type Page,
  type Section,
} from "./page.ts";
import { byVolume } from "./volume.ts";

export function comparisons(page: Page): Section {
  const { analysis } = page;
  const several = analysis.seeds.length > 1;
  const tested = analysis.contrasts.flatMap(({ test }) => test ?? []);
  return {
    id: "comparisons",
    title: "Paired comparisons",
    body: html`<p>
        ${spelled(analysis.contrasts.length)} contrasts were named beforehand; their p-values are adjusted among themselves by Holm’s
        method.
        ${
          several
            ? "Verdicts rest on the means over seeds: they hold for other trainings and other cases."
            : "One seed was run. The tests below hold for other cases and these trained models; another training could reverse a difference, so there are no verdicts."
        }
      </p>
      ${differences(page)} ${several ? armContrastTable(page) : null}
      ${several ? html`<h3>The models of seed ${analysis.plan.primarySeed} alone</h3>` : null}
      <p>
        Each comparison is of two models on the same held-out cases, by DeLong’s paired test. All ${analysis.pairs.length} pairs follow as a
        supplement, adjusted among themselves.${jointSentence(page)}
      </p>
      ${table({
        caption: html`<b>Table.</b> The named contrasts, seed ${analysis.plan.primarySeed}. Holm’s adjustment is over
          ${counted(tested.length, "test")}.`,
        columns: [
          { title: "contrast" },
          { title: "models" },
          { title: "difference of AUC", numeric: true },
          { title: "z", numeric: true },
          { title: "p", numeric: true },
          { title: "p (Holm)", numeric: true },
          { title: "McNemar p (Holm)", numeric: true },
        ],
        rows: analysis.contrasts.map((contrast) => contrastRow(page, contrast)),
        notes: html`Models: first − second. McNemar’s exact test compares the correct calls at each model’s own
        threshold.${
          tested.some((test) => test.perfect.length > 0)
            ? " * One of the two has an AUC of 1, whose variance is 0: the test rests on the other’s variance alone."
            : ""
        }`,
      })}
      ${analysis.models.length > 1 ? pairMatrix(page) : null}`,
  };
}

/** Of means over seeds with each seed's difference; of one seed's models where there is but one. */
function differences(page: Page): Html | null {
  const { analysis, plot } = page;
  const several = analysis.seeds.length > 1;
  const rows = (several ? analysis.armContrasts : analysis.contrasts).flatMap(({ first, second, test }): ForestRow[] =>
    test && first !== null && second !== null
      ? [
          {
            label: `${shortName(page, first)} − ${shortName(page, second)}`,
            colour: colourOf(analysis.models.find(({ model }) => model === first) as ModelAnalysis),
            value: test.difference,
            interval: test,
            filled: test.holm < 0.05,
            told: `${difference(test.difference)}  ${pSentence(test.holm)}`,
            others: several ? seedDifferences(page, first, second) : [],
          },
        ]
      : [],
  );
  if (rows.length === 0) return null;
  const least = Math.min(-0.05, ...rows.flatMap(({ interval, others }) => [interval.low, ...others]));
  const most = Math.max(0.05, ...rows.flatMap(({ interval, others }) => [interval.high, ...others]));
  const step = most - least > 0.4 ? 0.1 : 0.02;
  const domain = [Math.max(-1, Math.floor(least / step) * step), Math.min(1, Math.ceil(most / step) * step)] as const;
  return figure(
    html`<div class="wide">
      ${raw(
        forestChart(plot, rows, {
          domain,
          nothing: 0,
          axis: several ? "difference of mean areas" : "difference of areas",
          width: 520,
          labelWidth: 112,
          toldWidth: 132,
          label: `Differences of areas: ${rows.map(({ label, told }) => `${label}: ${told}`).join("; ")}.`,
        }),
      )}
    </div>`,
    html`<b>Figure.</b> The named contrasts:
      ${
        several
          ? "difference of mean AUC over the seeds that learned, with its 95 % interval for other seeds and other cases. Small rings: the same difference within each seed"
          : "difference of AUC with DeLong’s 95 % interval for other cases"
      }.
      Right of the dashed line the first-named model does better. At the right Holm’s p; filled: p &lt; 0.05.`,
  );
}

/** The difference within each seed in which both models learned. */
function seedDifferences({ analysis }: Page, first: string, second: string): number[] {
  const areaOf = (model: string, seed: number): number | null => {
    const run = analysis.runs.find((one) => one.model === model && one.seed === seed);
    return run && run.faults.length === 0 ? run.auc : null;
  };
  return analysis.seeds.flatMap(({ seed }) => {
    const [a, b] = [areaOf(first, seed), areaOf(second, seed)];
    return a === null || b === null ? [] : [a - b];
  });
}

function armContrastTable(page: Page): Html {
  return table({
    caption: html`<b>Table.</b> The named contrasts over the means of seeds: what another training and other cases would change together.`,
    columns: [
      { title: "contrast" },
      { title: "models" },
      { title: "difference of mean AUC", numeric: true },
      { title: "t", numeric: true },
      { title: "df", numeric: true },
      { title: "p", numeric: true },
      { title: "p (Holm)", numeric: true },
      { title: "verdict" },
    ],
    rows: page.analysis.armContrasts.map(({ title, first, second, difference: of, test, verdict, reason: why, leftOut }) => [
      title,
      first && second ? pairCell(page, first, second) : "",
      of.value === null ? html`<span class="muted">${of.reason}</span>` : stacked(difference(of.value), test ? interval(test) : ""),
      ...(test
        ? [estimate(test.t, digits2), estimate(test.degreesOfFreedom, freedom), pValue(test.p), html`<b>${pValue(test.holm)}</b>`]
        : ["", "", "", ""]),
      html`${verdictBadge({ verdict })}${why === undefined ? "" : withNames(page, ` ${why}`)}${
        leftOut.length === 0
          ? ""
          : ` Without ${leftOut.map(({ model, seed }) => `${shortName(page, model)}, seed ${seed}`).join("; ")}, which did not learn`
      }`,
    ]),
    notes:
      "df: degrees of freedom, after Hillis. Holds: p < 0.05 after Holm’s adjustment, in the paper’s direction. Does not hold: in the other. Not decided: neither.",
  });
}

function jointSentence({ analysis }: Page): string {
  const { equalAreas } = analysis;
  if (!equalAreas || equalAreas.chiSquared.value === null) return "";
  return ` Joint test that all areas are equal: χ² = ${equalAreas.chiSquared.value.toFixed(1)} on ${equalAreas.degreesOfFreedom} degrees of freedom, ${pSentence(equalAreas.p)}.`;
}

function contrastRow(page: Page, { title, test, reason = "a model is missing" }: Contrast): Content[] {
  if (!test) return [title, html`<span class="muted">not tested: ${reason}</span>`, "", "", "", "", ""];
  const { mcnemar } = test;
  return [
    title,
    html`${pairCell(page, test.first, test.second)}${test.perfect.length > 0 ? " *" : ""}`,
    stacked(difference(test.difference), interval(test)),
    estimate(test.z, digits2),
    pValue(test.p),
    html`<b>${pValue(test.holm)}</b>`,
    mcnemar ? `${pValue(mcnemar.p)} (${pValue(mcnemar.holm)})` : "not estimable",
  ];
}

function pairMatrix(page: Page): Html {
  const { models, pairs } = page.analysis;
  const find = (a: string, b: string): { pair: Comparison; sign: 1 | -1 } | null => {
    const pair = pairs.find(({ first, second }) => (first === a && second === b) || (first === b && second === a));
    return pair ? { pair, sign: pair.first === a ? 1 : -1 } : null;
  };
  const cell = (row: ModelAnalysis, column: ModelAnalysis, upper: boolean): Html => {
    if (row === column) return html`<td class="self">${digits3(row.auc.value)}</td>`;
    const found = find(row.model, column.model);
    if (!found) return html`<td>not tested</td>`;
    const clear = found.pair.holm < 0.05 ? ' class="clear"' : "";
    return html`<td${raw(clear)}>${upper ? pValue(found.pair.holm) : difference(found.sign * found.pair.difference)}</td>`;
  };
  return html`<div class="table matrix">
    <div class="scroller" tabindex="0">
      <table>
        <caption>
          <span
            ><b>Table.</b> All ${pairs.length} pairs. Above the diagonal: Holm’s p over all pairs; on it: the AUC; below it: AUC of the
            row’s model less the column’s. Shaded: p &lt; 0.05 after adjustment.</span
          >
        </caption>
        <thead>
          <tr>
            <th scope="col">model</th>
            ${models.map(({ model }) => html`<th scope="col"><abbr title="${modelTitle(page, model)}">${shortName(page, model)}</abbr></th>`)}
          </tr>
        </thead>
        <tbody>
          ${models.map(
            (row, r) =>
              html`<tr>
                <th scope="row">${modelCell(page, row.model)}</th>
                ${models.map((column, c) => cell(row, column, c > r))}
              </tr> `,
          )}
        </tbody>
      </table>
    </div>
  </div>`;
}

export function thresholds(page: Page): Section {
  const { analysis } = page;
  const counts = ({ truePositives, falsePositives, trueNegatives, falseNegatives }: Operating): Content[] => [
    truePositives,
    falseNegatives,
    trueNegatives,
    falsePositives,
  ];
  return {
    id: "thresholds",
    title: "At the threshold",
    body: html`<p>
        A threshold turns a score into a call. Each was chosen on validation cases, by Youden’s index (sensitivity + specificity − 1), and
        not changed afterwards.
      </p>
      ${table({
        caption: html`<b>Table.</b> Calls and truth at the threshold on P(${page.finding.short}), and predictive values at this cohort’s
          prevalence and, by Bayes’ rule, at a prevalence of 5 %.`,
        columns: [
          { title: "model" },
          { title: "threshold", numeric: true },
          { title: "found", numeric: true },
          { title: "missed", numeric: true },
          { title: "correctly negative", numeric: true },
          { title: "false alarms", numeric: true },
          { title: "PPV", numeric: true },
          { title: "NPV", numeric: true },
          { title: "PPV at 5\u00a0%", numeric: true },
          { title: "NPV at 5\u00a0%", numeric: true },
        ],
        rows: analysis.models.map(({ model, operating, threshold }) => [
          modelCell(page, model),
          threshold.probability === null ? (threshold.reason ?? "none") : digits3(threshold.probability),
          ...(operating
            ? [
                ...counts(operating),
                shareCell(operating.ppv),
                shareCell(operating.npv),
                estimate(operating.ppvAt5, digits2),
                estimate(operating.npvAt5, digits3),
              ]
            : Array<Content>(8).fill("not estimable")),
        ]),
        notes: `Validation had ${analysis.power.validationPositives} cases with ${page.finding.short} and ${analysis.power.validationNegatives} without.`,
      })}
      ${table({
        caption: html`<b>Table.</b> The same at the best threshold of the held-out cases themselves. It is optimistic and shown for
          comparison only.`,
        columns: [
          { title: "model" },
          { title: "sensitivity", numeric: true },
          { title: "specificity", numeric: true },
          { title: "accuracy", numeric: true },
        ],
        rows: analysis.models.map(({ model, optimistic }) => [
          modelCell(page, model),
          share(optimistic.sensitivity),
          share(optimistic.specificity),
          share(optimistic.accuracy),
        ]),
      })}
      ${byVolume(page)} ${sides(page)}`,
  };
}

function sides(page: Page): Html {
  const { classes } = page.analysis.plan;
  const best = highest(page.analysis);
  const sided = page.analysis.models.some(({ side }) => side !== null);
  return html`<h3>${sided ? "Sides, and confusion of classes" : "Confusion of classes"}</h3>
    <p>Here the call is the most probable class, without a threshold.${sided ? " “Left” and “right” are the patient’s." : ""}</p>
    ${table({
      caption: html`<b>Table.</b> True class, and how often each class was the most probable.`,
      columns: [
        { title: "model" },
        ...classes.map((label) => ({ title: `${label}, called ${classes.join(" / ")}`, numeric: true })),
        { title: "accuracy", numeric: true },
        ...(sided ? [{ title: "true side more probable", numeric: true }] : []),
      ],
      rows: page.analysis.models.map(({ model, confusion, classAccuracy, side }) => [
        modelCell(page, model),
        ...confusion.map((row) => joined(row, " / ")),
        share(classAccuracy),
        ...(sided ? [side ? proportion(side.all) : "no sides"] : []),
      ]),
      notes: `${sided ? "True side more probable: of all cases with the finding. " : ""}${explained(page, best.model)} has the highest AUC.`,
    })}`;
}

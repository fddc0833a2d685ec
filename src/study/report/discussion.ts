// What follows from the results: the paper's claims held against this cohort, what its size can show, what it took, and its limits.
import { AS_GIVEN, picturesOf } from "../finding.ts";
import type { Protocol } from "../protocol.ts";
import type { Verdict } from "../analysis/result.ts";
import { html, table, type Html } from "./html.ts";
import { counted, digits3, duration, estimate, grouped, interval, percent, pValue } from "../numbers.ts";
import { modelCell, paragraphs, withNames, type Page, type Section } from "./page.ts";

const BADGES: Readonly<Record<Verdict, { readonly mark: string; readonly badge: string }>> = {
  holds: { mark: "✓", badge: "good" },
  "holds in part": { mark: "◐", badge: "paper" },
  "does not hold": { mark: "✗", badge: "bad" },
  "not decided": { mark: "?", badge: "paper" },
  "not judged": { mark: "–", badge: "other" },
  "not tested": { mark: "–", badge: "other" },
};

/** Whether validation chooses among a run's checkpoints. */
const choosesWeights = ({ choice }: Protocol): boolean => choice !== "last step";

export const verdictBadge = ({ verdict }: { readonly verdict: Verdict }): Html =>
  html`<span class="badge ${BADGES[verdict].badge}">${BADGES[verdict].mark} ${verdict}</span>`;

export function claims(page: Page): Section {
  const { analysis, input } = page;
  return {
    id: "claims",
    title: "Where the paper’s claims hold",
    body: html`<p>
        The abstract of arXiv 1710.03823 makes these claims about its patients. Tested on
        ${input.cases.synthetic ? "synthetic cases" : "these cases"}, a claim that holds does not confirm the paper, and one that does not
        hold does not refute it: cases, labels and most settings differ.
      </p>
      ${table({
        caption: html`<b>Table.</b> The paper’s claims, and the evidence from this cohort.`,
        columns: [{ title: "claim" }, { title: "here" }, { title: "evidence" }],
        rows: analysis.claims.map((claim) => [claim.claim, verdictBadge(claim), withNames(page, claim.evidence)]),
        notes: augmentationNote(page),
      })}`,
  };
}

/** What "augmented" is compared with. */
function augmentationNote({ input, analysis }: Page): string {
  const { mirror, augmentation } = input.protocol;
  const shown = [...new Set(input.runs.map(({ images }) => images))];
  const cases = analysis.cohort.splits.find(({ split }) => split === "train")?.cases ?? 0;
  const per = shown.length > 0 && cases > 0 ? `: ${shown.map(grouped).join(" or ")} images of ${cases} training cases` : "";
  return `Augmented here means ${augmentation.variants} fixed variants of each training image, besides the random crops${mirror ? " and mirrors" : ""} that all models get. Both are shown equally many images${per}, so a model without augmentation sees each of its few images often, and an augmented one sees each variant rarely.`;
}

export function power({ analysis, finding }: Page): Section {
  const { power } = analysis;
  return {
    id: "power",
    title: "What this cohort can show",
    body: html`${paragraphs(power.sentences)}
    ${table({
      caption: html`<b>Table.</b> The precision of an AUC with ${power.positives} cases with ${finding.short} and ${power.negatives}
        without, and on validation with ${power.validationPositives} and ${power.validationNegatives} (Hanley and McNeil).`,
      columns: [
        { title: "true AUC" },
        { title: "standard error, held-out", numeric: true },
        { title: "95 % interval, about", numeric: true },
        { title: "standard error, validation", numeric: true },
      ],
      rows: power.precision.map(({ auc, standardError, validationStandardError }) => [
        digits3(auc),
        digits3(standardError),
        `± ${digits3(1.96 * standardError)}`,
        validationStandardError === null ? "not estimable" : digits3(validationStandardError),
      ]),
    })}
    ${table({
      caption: html`<b>Table.</b> The smallest difference that a paired DeLong test would detect, binormal model.`,
      columns: [
        { title: "lower AUC" },
        { title: "correlation of scores", numeric: true },
        { title: "alpha", numeric: true },
        { title: "power", numeric: true },
        { title: "smallest difference", numeric: true },
        { title: "power in simulation", numeric: true },
        { title: "smallest difference by formula", numeric: true },
      ],
      rows: power.detectable.map(({ auc, correlation, alpha, power, difference, simulatedPower, largeSample }) => [
        digits3(auc),
        String(correlation),
        alpha.toPrecision(2),
        percent(power),
        difference.value === null ? html`<span class="reason">${difference.reason}</span>` : estimate(difference),
        percent(simulatedPower),
        largeSample.value === null ? html`<span class="reason">${largeSample.reason}</span>` : estimate(largeSample),
      ]),
      notes: html`Power in simulation: of ${grouped(power.simulatedCohorts)} cohorts of this size. By formula: for large samples, and
      inaccurate near an area of 1. The stricter alpha is Holm’s first step over nine tests. About a sensitivity of 0.90 Wilson’s interval
      is ${interval(power.sensitivityInterval)}; one patient changes it by ${digits3(power.sensitivityStep)}. The paper’s 1.00 against 0.95
      would give z = ${power.papersPair.z.toFixed(2)}, p = ${pValue(power.papersPair.p)}.`,
    })}`,
  };
}

export function effort(page: Page): Section {
  const { machine, runs } = page.input;
  const total = machine.phases.reduce((sum, { seconds }) => sum + seconds, 0);
  const images = runs.reduce((sum, run) => sum + run.images, 0);
  const training = runs.reduce((sum, run) => sum + run.seconds, 0);
  return {
    id: "effort",
    title: "Time and machine",
    body: html`<p>
        Adapter: <b>${machine.adapter}</b>. ${counted(runs.length, "training run")} showed ${grouped(images)} images in
        ${duration(training)}${training > 0 ? `, ${Math.round(images / training)} per second` : ""}. Times include whatever else the machine
        was doing. Power was not measured.
      </p>
      ${table({
        caption: html`<b>Table.</b> Training, by model${runs.length > page.models.size ? ": all seeds together" : ""}.`,
        columns: [
          { title: "model" },
          { title: "runs", numeric: true },
          { title: "steps per run", numeric: true },
          { title: "images shown", numeric: true },
          { title: "time", numeric: true },
          { title: "images per second", numeric: true },
        ],
        rows: [...page.models.keys()].map((model) => {
          const own = runs.filter((run) => run.model === model);
          const images = own.reduce((sum, run) => sum + run.images, 0);
          const seconds = own.reduce((sum, run) => sum + run.seconds, 0);
          return [
            modelCell(page, model),
            own.length,
            [...new Set(own.map(({ steps }) => grouped(steps)))].join(", "),
            grouped(images),
            duration(seconds),
            seconds > 0 ? (images / seconds).toPrecision(3) : "not measured",
          ];
        }),
      })}
      ${
        machine.phases.length === 0
          ? null
          : table({
              caption: html`<b>Table.</b> Time by phase${total > 0 ? `: ${duration(total)} in all` : ""}.`,
              columns: [{ title: "phase" }, { title: "time", numeric: true }, { title: "share", numeric: true }],
              rows: machine.phases.map(({ name, seconds }) => [name, duration(seconds), total > 0 ? percent(seconds / total) : "none"]),
            })
      }
      ${table({
        caption: html`<b>Table.</b> Machine and software.`,
        columns: [{ title: "part" }, { title: "version" }],
        rows: [["adapter", machine.adapter], ...Object.entries(machine.host)],
      })}`,
  };
}

export function limits(page: Page): Section {
  const { input, analysis, finding } = page;
  const { protocol, cases } = input;
  const pictures = picturesOf(protocol);
  const reduced = protocol.width < 1;
  const fractal = protocol.pretraining?.kind === "fractal";
  const own = [
    cases.synthetic
      ? "The cases are synthetic. No model here has seen what the program does not draw (other pathology, motion, the variety of scanners and people), and a network may detect artifacts of the program instead of blood."
      : "The cases come from one collection. How they were selected, and what was excluded beforehand, is not known to this software.",
    cases.synthetic
      ? "Labels are true by construction. On patients a label is a reader’s judgement, with errors of its own, and no readings were compared here."
      : "Labels were used as given. Their errors and the agreement of readers are not known to this software.",
    input.external
      ? "One external cohort was scored. What of a difference is due to its people, its scanners, its labels or its pictures is not known."
      : "There is no external test set: all splits come from one source. External validity is untested.",
    `Networks of 2012 and 2014, on single slices${reduced ? `, at ${percent(protocol.width)} of the papers’ channels and ${[...new Set(Object.values(protocol.size))].join(" and ")} pixels per side` : ""}: neither the state of the art nor a volume reader.`,
    ...(fractal ? ["Pretraining uses generated fractal images, not ImageNet. Its effect says nothing about ImageNet’s weights."] : []),
    `${analysis.power.validationPositives + analysis.power.validationNegatives} validation cases choose ${choosesWeights(protocol) ? "the weights, the threshold and the best model of each network" : "the threshold and the best model of each network"}; that is few.`,
    cases.synthetic
      ? "Calls concern hemorrhage in the basal ganglia only. Bleeds elsewhere count as negative; trauma, children, contrast and postoperative heads were never shown."
      : `Calls concern one finding (${finding.name}). What else the cases have or lack is not known to this software.`,
    ...(pictures === "none"
      ? []
      : [
          `${pictures === "all" ? "The cases are pictures" : "Cases that are pictures are taken"} ${AS_GIVEN}. What was cut off, scaled, windowed or compressed before is not known either.`,
        ]),
    "No reader was compared with the software, and no workflow, time to treatment or outcome was measured.",
  ];
  return {
    id: "limits",
    title: "Limits",
    body: html`<ul>
        ${own.map((text) => html`<li>${text}</li> `)}
      </ul>
      ${
        analysis.cautions.length > 0
          ? html`<h3>Cautions about these numbers</h3>
              <ul>
                ${analysis.cautions.map((text) => html`<li>${withNames(page, text)}</li> `)}
              </ul>`
          : null
      }
      ${
        input.provenance.testScorings > 1
          ? html`<div class="statement" role="note">
              <p>
                <strong>The held-out cases were scored ${input.provenance.testScorings} times within this study.</strong> The protocol
                allows one scoring. Every further one makes the numbers look better than they are.
              </p>
            </div>`
          : null
      }`,
  };
}

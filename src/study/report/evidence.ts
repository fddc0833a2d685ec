// The evidence: which model errs on which case, errors with their pictures and Grad-CAM maps, and the augmentation sheet.
import type { ModelScores } from "../analysis/result.ts";
import { errorMap, type ErrorCell } from "./charts.ts";
import { figure, html, raw, type Html } from "./html.ts";
import type { Gallery, GalleryCase } from "./input.ts";
import { counted, digits2 } from "../numbers.ts";
import { dataUri, underHeat } from "./picture.ts";
import { isPositive, modelNumber, numberedTitle, type Page, type Section } from "./page.ts";

export function failures(page: Page): Section {
  const { input } = page;
  const { windowHu } = input.protocol.images;
  return {
    id: "failures",
    title: "Where the models err",
    body: html`${map(page)}
      <p>
        Pictures are slices as the networks saw them: window center ${windowHu.centerHu} HU, width ${windowHu.widthHu} HU, resized to the
        network’s input; the patient’s right is on the left. Beside each, the same slice under Grad-CAM of “hemorrhage”: where the last
        convolution’s activations raised its score.
      </p>
      <p class="notes">
        Heat: none <span class="heat" role="img" aria-label="from transparent over purple and orange to pale yellow"></span> the strongest
        of that picture
      </p>
      <p>
        A heat map hints at what changed the score, on the coarse grid of the last convolution. It is not the outline of a bleed and not a
        reason to trust a call.
      </p>
      ${input.galleries.length === 0 ? html`<p>This report was given no pictures.</p>` : input.galleries.map((gallery, i) => galleryOf(page, gallery, i > 0))}`,
  };
}

type Verdict = "false negative" | "false positive" | "true positive" | "true negative";

export function verdictOf({ label, probability, threshold }: Pick<GalleryCase, "label" | "probability" | "threshold">): Verdict {
  const called = probability >= threshold;
  if (isPositive(label)) return called ? "true positive" : "false negative";
  return called ? "false positive" : "true negative";
}

/** Errors first. */
const ORDER: readonly Verdict[] = ["false negative", "false positive", "true positive", "true negative"];

function galleryOf(page: Page, { model, cases }: Gallery, compact: boolean): Html {
  const groups = ORDER.map((verdict) => ({ verdict, cases: cases.filter((one) => verdictOf(one) === verdict) }));
  const operating = page.analysis.models.find((one) => one.model === model)?.operating;
  const complete = operating && groups[0].cases.length === operating.falseNegatives && groups[1].cases.length === operating.falsePositives;
  return html`<h3>Model ${numberedTitle(page, model)}</h3>
    <p>
      ${groups.map(({ cases, verdict }) => counted(cases.length, verdict)).join(", ")} shown.
      ${
        operating
          ? complete
            ? "These are all of its errors; the correct calls are examples."
            : `Of ${counted(operating.falseNegatives, "false negative")} and ${counted(operating.falsePositives, "false positive")} in all: not all are shown.`
          : "It has no threshold on validation."
      }
    </p>
    ${groups
      .filter(({ cases }) => cases.length > 0)
      .map(
        ({ verdict, cases }) =>
          html`<h4>${counted(cases.length, verdict)}</h4>
            <ul class="cards${compact ? " compact" : ""}">
              ${cases.map((one) => card(page, one, verdict))}
            </ul> `,
      )}`;
}

function card({ encode }: Page, shown: GalleryCase, verdict: Verdict): Html {
  const { label, said, probability, threshold, picture, heat, finding } = shown;
  const wrong = verdict === "false negative" || verdict === "false positive";
  const name = `Case ${shown.case}, ${verdict}`;
  return html`<li class="card">
    <div class="pair">
      <img src="${dataUri(picture, encode)}" alt="${name}: the slice${finding === "" ? "" : `, ${finding}`}" /><img
        src="${dataUri(heat ? underHeat(picture, heat) : picture, encode)}"
        alt="${name}: ${heat ? "the slice under Grad-CAM" : "the slice again, as there is no heat map"}"
      />
    </div>
    <p><b>Case ${shown.case}</b> <span class="badge ${wrong ? "bad" : "good"}">${verdict}</span></p>
    <p>true: <b>${label}</b>; most probable class: ${said}</p>
    <p>P(hemorrhage) <b>${probabilityText(probability)}</b>, threshold ${probabilityText(threshold)}</p>
    ${finding === "" ? null : html`<p class="muted">${finding}</p>`}
  </li> `;
}

/** Two digits, but never 0.00 or 1.00 for what is neither. */
function probabilityText(p: number): string {
  if (p > 0 && p < 0.005) return "< 0.01";
  return p < 1 && p > 0.995 ? "> 0.99" : digits2(p);
}

/** Errors of all models of the primary seed, over the cases that at least one of them got wrong. */
function map(page: Page): Html {
  const { analysis, input, plot } = page;
  const columns = new Map<number, ErrorCell[]>();
  for (const { model, seed, threshold } of analysis.models) {
    if (threshold.score === null) continue;
    const scores = input.scores.find((one) => one.model === model && one.seed === seed && one.split === "test");
    for (const one of scores?.cases ?? []) {
      const called = one.score >= threshold.score;
      const wrong = called === isPositive(one.label) ? null : called ? "false alarm" : "missed";
      columns.set(one.case, [
        ...(columns.get(one.case) ?? []),
        { model: `model ${modelNumber(page, model)}`, case: String(one.case), wrong },
      ]);
    }
  }
  const errors = (cells: readonly ErrorCell[]): number => cells.filter(({ wrong }) => wrong !== null).length;
  const shown = [...columns.values()].filter((cells) => errors(cells) > 0).sort((a, b) => errors(b) - errors(a));
  if (shown.length === 0) return html`<p>No model errs on any held-out case at its threshold.</p>`;
  const total = scoredCases(input.scores, analysis.plan.primarySeed);
  const all = shown.filter((cells) => errors(cells) === cells.length).length;
  return figure(
    html`<div class="wide map">
      ${raw(
        errorMap(
          plot,
          shown.flat(),
          `Errors by model and case: ${shown.length} of ${total} held-out cases are wrong in at least one model, ${all} in all.`,
        ),
      )}
    </div>`,
    html`<b>Figure.</b> Which model errs on which case, at each model’s threshold: filled, a hemorrhage missed; ring, a false alarm; empty,
      right. Cases with most errors first. ${shown.length} of ${total} held-out cases are wrong in at least one
      model${all > 0 ? `, ${all} in all of them` : ""}; the others are not drawn.`,
  );
}

const scoredCases = (scores: readonly ModelScores[], seed: number): number =>
  scores.find((one) => one.split === "test" && one.seed === seed)?.cases.length ?? 0;

export function augmentation({ input, encode }: Page): Section {
  const { augmentation: sheet } = input;
  const { variants } = input.protocol.augmentation;
  const body = sheet
    ? figure(
        html`<ol class="sheet">
          ${sheet.variants.map(
            ({ name, label, picture }, i) =>
              html`<li>
                <img src="${dataUri(picture, encode)}" alt="Variant ${i + 1}: ${name}, label ${label}" /><span
                  >${i + 1}. ${name}${label === sheet.label ? null : html` <b>(${label})</b>`}</span
                >
              </li> `,
          )}
        </ol>`,
        html`<b>Figure.</b> Case ${sheet.case} (${sheet.label}) and its augmented variants: ${counted(sheet.variants.length, "image")}, the
          first unchanged. Where a mirror swaps the side, the new label is shown.`,
        "long",
      )
    : html`<p>This report was given no sheet.</p>`;
  return {
    id: "augmentation",
    title: "The augmentation sheet",
    body: html`<p>
        Models called “augmented” see ${variants} fixed variants of each training image in place of one; all models see random crops and
        mirrors besides, and all see the same number of images. The number is the paper’s, the list is ours. Validation and held-out cases
        are never augmented.
      </p>
      ${body}`,
  };
}

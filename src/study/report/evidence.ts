// The evidence: which model errs on which case, errors with their pictures and occlusion maps, the pointing game, and the augmentation sheet.
import { AS_GIVEN, picturesOf } from "../finding.ts";
import { share } from "../analysis/estimates.ts";
import type { ModelScores } from "../analysis/result.ts";
import { errorMap, type ErrorCell } from "./charts.ts";
import { figure, html, raw, table, type Content, type Html } from "./html.ts";
import type { Gallery, GalleryCase } from "./input.ts";
import { counted, digits2, grouped, percent } from "../numbers.ts";
import { ranked } from "./lead.ts";
import { dataUri, drawing, underMap } from "./picture.ts";
import { fullName, isPositive, modelCell, modelTitle, shareCell, shortName, type Page, type Section } from "./page.ts";

/** Galleries that are open when the page is; the others unfold. */
const OPEN = 2;

export function failures(page: Page): Section {
  const { input, finding } = page;
  const order = ranked(page.analysis).map(({ model }) => model.model);
  const place = ({ model }: Gallery): number => (order.includes(model) ? order.indexOf(model) : order.length);
  const shown = input.galleries.filter(({ cases }) => cases.length > 0).sort((a, b) => place(a) - place(b));
  const outlined = shown.some(({ cases }) => cases.some(({ outline }) => outline !== null));
  return {
    id: "failures",
    title: "Where the models err",
    body: html`${map(page)} ${caseTable(page)} ${pointing(page)}
      <h3>Pictures</h3>
      <p>
        Of each case the slice or picture to which the model gives the highest probability, ${windowed(input)}. First the whole, with all
        its pixels, cut to the head${outlined ? ", with the outline of the blood (green), which the generator knows" : ""}; R and L are the
        patient’s right and left, marked where the file says how the slice lies, and otherwise unknown. Then what the network saw: a crop
        around the head at its own few pixels. Then the same under its occlusion map, with the peak marked by a cross.
      </p>
      <p class="notes">
        Occlusion map: no fall <span class="heat" role="img" aria-label="from transparent over purple and orange to pale yellow"></span> the
        largest fall of that picture
      </p>
      <p>
        Occlusion asks what the score rests on: a patch of an eighth of the picture’s side, in the mean grey of ${patchGrey(page)}, covers
        one place after another, and the map is by how much the log-odds of ${finding.short} fall. A map is as coarse as its patch; it shows
        what changed the score, not why, and it is no reason to trust a call.${passesSentence(shown)}
      </p>
      ${
        shown.length === 0
          ? html`<p>This report was given no pictures with occlusion maps.</p>`
          : shown.map((gallery, i) => galleryOf(page, gallery, i < OPEN))
      }`,
  };
}

/** What the patch has the grey of, and what it leaves out: brain and air are known of CT alone. */
function patchGrey({ input }: Page): string {
  const pictures = picturesOf(input.protocol);
  const brain = "the brain (air is not covered)";
  const middle = "what is neither black nor white (the black around it is not covered)";
  return pictures === "none" ? brain : pictures === "all" ? middle : `${brain}; of pictures, of ${middle}`;
}

/** How the pictures of cases are shown. */
function windowed({ protocol }: Page["input"]): string {
  const { centerHu, widthHu } = protocol.images.windowHu;
  const window = `in the window of center ${centerHu} HU and width ${widthHu} HU`;
  const pictures = picturesOf(protocol);
  if (pictures === "none") return window;
  return pictures === "all" ? AS_GIVEN : `CT slices ${window}, pictures ${AS_GIVEN}`;
}

const passesSentence = (galleries: readonly Gallery[]): string => {
  const passes = galleries.reduce((sum, gallery) => sum + gallery.passes, 0);
  return passes > 0 ? ` All maps of this report took ${grouped(passes)} forward passes.` : "";
};

/** Does the score rest on the blood? Only where the place of the blood is known. */
function pointing(page: Page): Html | null {
  const order = page.analysis.models.map(({ model }) => model);
  const galleries = [...page.input.galleries].sort((a, b) => order.indexOf(a.model) - order.indexOf(b.model));
  const known = galleries.flatMap(({ model, pointing }) => (pointing ? [{ model, pointing }] : []));
  if (known.length === 0) return null;
  const [{ pointing: first }] = known;
  const one = html`<h3>Does the score rest on the blood?</h3>
    <p>
      The generator knows which pixels are blood, so this can be tested. For each hemorrhage that a model found, on the slice with the
      highest probability, does the peak of the map lie on the clot? A peak at most ${first.tolerance} pixels of the network’s ${first.side}
      away counts, half a patch. Here patches touch and do not overlap. “By chance” is the share that a peak at a random place of the head
      would reach.
    </p>`;
  return html`${one}
  ${table({
    caption: html`<b>Table.</b> The pointing game: share of found hemorrhages whose map peaks on the clot, with Wilson’s 95 % interval.`,
    columns: [
      { title: "model" },
      { title: "hemorrhages found", numeric: true },
      { title: "occlusion", numeric: true },
      { title: "Grad-CAM, last convolution", numeric: true },
      { title: "by chance", numeric: true },
      { title: "slice shows no clot", numeric: true },
    ],
    rows: known.map(({ model, pointing: { cases } }): Content[] => [
      modelCell(page, model),
      cases.length,
      shareCell(share(cases.filter(({ occlusion }) => occlusion).length, cases.length)),
      shareCell(share(cases.filter(({ gradCam }) => gradCam).length, cases.length)),
      percent(cases.reduce((sum, { chance }) => sum + chance, 0) / cases.length),
      cases.filter(({ visible }) => !visible).length,
    ]),
    notes:
      "A case whose slice shows no clot counts as missed. Grad-CAM weights the last convolution’s few cells by the score’s gradient and spreads them over the picture, so its peak lies at the middle of a cell: on small inputs it is too coarse to point. It is given for comparison.",
  })}`;
}

type Verdict = "false negative" | "false positive" | "true positive" | "true negative";

export function verdictOf({ label, probability, threshold }: Pick<GalleryCase, "label" | "probability" | "threshold">): Verdict {
  const called = probability >= threshold;
  if (isPositive(label)) return called ? "true positive" : "false negative";
  return called ? "false positive" : "true negative";
}

/** Errors first. */
const ORDER: readonly Verdict[] = ["false negative", "false positive", "true positive", "true negative"];

function galleryOf(page: Page, { model, cases }: Gallery, open: boolean): Html {
  const groups = ORDER.map((verdict) => ({ verdict, cases: cases.filter((one) => verdictOf(one) === verdict) })).filter(
    (group) => group.cases.length > 0,
  );
  const operating = page.analysis.models.find((one) => one.model === model)?.operating;
  const errors = cases.filter((one) => isWrong(verdictOf(one))).length;
  const all = operating ? operating.falseNegatives + operating.falsePositives : null;
  const count = groups.map(({ cases, verdict }) => counted(cases.length, verdict)).join(", ");
  const body = html`<p>
      ${count}.
      ${
        all === null
          ? "It has no threshold on validation."
          : errors === all
            ? "These are all of its errors; the correct calls are examples."
            : `It has ${counted(all, "error")} in all; the most confident are shown.`
      }
    </p>
    ${groups.map(
      ({ verdict, cases }) =>
        html`<h5>${counted(cases.length, verdict)}</h5>
          <ul class="cards${open ? "" : " compact"}">
            ${cases.map((one) => card(page, one, { verdict, whole: open }))}
          </ul> `,
    )}`;
  if (open)
    return html`<h4>${fullName(page, model)}</h4>
      ${body}`;
  return html`<details class="gallery">
    <summary><b>${shortName(page, model)}</b> ${modelTitle(page, model)}: ${count}</summary>
    ${body}
  </details> `;
}

const isWrong = (verdict: Verdict): boolean => verdict.startsWith("false");

function card(
  { encode, finding: { short } }: Page,
  shown: GalleryCase,
  { verdict, whole }: { readonly verdict: Verdict; readonly whole: boolean },
): Html {
  const { label, said, probability, threshold, picture, map, fall, peak, outline, slice, finding } = shown;
  const name = `Case ${shown.case}, ${verdict}`;
  const blood = outline === null ? "" : outline.length === 0 ? ", no blood on it" : ", blood outlined";
  const sides = slice?.right === null ? ", side unknown" : "";
  const views = [
    ...(slice && whole
      ? [drawing({ ...slice, label: `${name}: the slice${finding === "" ? "" : `, ${finding}`}${blood}${sides}` }, encode)]
      : []),
    drawing({ picture, pixels: true, label: `${name}: what the network saw` }, encode),
    map
      ? drawing({ picture: underMap(picture, map), outline, peak, label: `${name}: its occlusion map${blood}` }, encode)
      : html`<p class="none">no map</p>`,
  ];
  return html`<li class="card">
    <div class="views">${views}</div>
    <div class="words">
      <p><b>Case ${shown.case}</b> <span class="badge ${isWrong(verdict) ? "bad" : "good"}">${verdict}</span></p>
      <p>truth: <b>${label}</b>; most probable class: ${said}</p>
      <p>P(${short}) <b>${probabilityText(probability)}</b>, threshold ${probabilityText(threshold)}</p>
      ${map ? html`<p>largest fall in log-odds <b>${digits2(fall)}</b></p>` : null}
      ${finding === "" ? null : html`<p class="muted">${finding}</p>`}
      ${whole && slice?.right === null ? html`<p class="muted">side unknown</p>` : null}
    </div>
  </li> `;
}

/** Two digits, but never 0.00 or 1.00: no score is infinite. */
function probabilityText(p: number): string {
  if (p < 0.005) return "< 0.01";
  return p > 0.995 ? "> 0.99" : digits2(p);
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
      columns.set(one.case, [...(columns.get(one.case) ?? []), { model: shortName(page, model), case: String(one.case), wrong }]);
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
    html`<b>Figure.</b> Which model errs on which case, at each model’s threshold: filled, a case with ${page.finding.short} missed; ring, a
      false alarm; empty, correct. Cases with most errors first. ${shown.length} of ${total} held-out cases are wrong in at least one
      model${all > 0 ? `, ${all} in all of them` : ""}; the others are not drawn.`,
  );
}

const scoredCases = (scores: readonly ModelScores[], seed: number): number =>
  scores.find((one) => one.split === "test" && one.seed === seed)?.cases.length ?? 0;

/** Every held-out case and what each model says of it, most errors first, folded. */
function caseTable(page: Page): Html | null {
  const { analysis, input } = page;
  const finding = new Map(input.cases.facts.map((fact) => [fact.case, fact.finding]));
  const models = analysis.models.map(({ model, seed, threshold }) => ({
    model,
    cut: threshold.score,
    scores: new Map(
      input.scores.find((one) => one.model === model && one.seed === seed && one.split === "test")?.cases.map((one) => [one.case, one]),
    ),
  }));
  const rows = [...(models[0]?.scores.values() ?? [])].map(({ case: index, label }) => {
    const calls = models.map(({ cut, scores }) => {
      const scored = scores.get(index);
      if (!scored) return null;
      return { p: 1 / (1 + Math.exp(-scored.score)), wrong: cut !== null && scored.score >= cut !== isPositive(label) };
    });
    return { index, label, calls, errors: calls.filter((call) => call?.wrong).length };
  });
  if (rows.length === 0) return null;
  rows.sort((a, b) => b.errors - a.errors || a.index - b.index);
  return html`<details class="gallery">
    <summary><b>All ${rows.length} held-out cases</b> and what each model says of them</summary>
    ${table({
      className: "cases",
      caption: html`<b>Table.</b> P(${page.finding.short}) of every held-out case by every model, seed ${analysis.plan.primarySeed}; cases
        with most errors first. Marked ✗: wrong at the model’s threshold.`,
      columns: [
        { title: "case" },
        { title: "truth" },
        { title: "finding" },
        ...models.map(({ model }) => ({ title: shortName(page, model), numeric: true })),
        { title: "errors", numeric: true },
      ],
      rows: rows.map(({ index, label, calls, errors }): Content[] => [
        index,
        label,
        finding.get(index) ?? "",
        ...calls.map((call) => {
          if (!call) return "";
          return call.wrong ? html`<b class="wrong">✗ ${probabilityText(call.p)}</b>` : probabilityText(call.p);
        }),
        errors,
      ]),
    })}
  </details> `;
}

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

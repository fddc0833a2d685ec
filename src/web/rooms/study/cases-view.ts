// Cases as thumbnails, and what a check found, as tables.
import { html, nothing, type TemplateResult } from "lit-html";
import { ref } from "lit-html/directives/ref.js";
import { repeat } from "lit-html/directives/repeat.js";
import type { CasesReport, CheckedCaseInfo } from "striatum/study";
import type { StudyModel } from "./model.ts";
import { TEXT } from "./text.ts";

const drawn = new WeakMap<Element, CheckedCaseInfo["thumbnail"]>();

/** A canvas with a picture of one or three channels. */
function thumbnail(picture: CheckedCaseInfo["thumbnail"], label: string): TemplateResult {
  const draw = (element: Element | undefined): void => {
    if (!(element instanceof HTMLCanvasElement) || !picture || drawn.get(element) === picture) return;
    drawn.set(element, picture);
    const { width, height, channels, data } = picture;
    Object.assign(element, { width, height });
    const image = new ImageData(width, height);
    for (let i = 0; i < width * height; i++) {
      for (let c = 0; c < 3; c++) image.data[4 * i + c] = data[channels * i + (channels === 3 ? c : 0)];
      image.data[4 * i + 3] = 255;
    }
    element.getContext("2d")?.putImageData(image, 0, 0);
  };
  return picture
    ? html`<canvas role="img" aria-label=${label} ${ref(draw)}></canvas>`
    : html`<span class="study-empty" role="img" aria-label=${`${label}, not readable`}>?</span>`;
}

/** All cases that were read so far. */
export function sheet(found: readonly CheckedCaseInfo[]): TemplateResult {
  return html`<details ?open=${found.length <= 60}>
    <summary>${TEXT.sheet} <span class="number">${found.length}</span></summary>
    <ul class="study-sheet">
      ${repeat(
        found,
        (item) => item.case,
        (item) =>
          html`<li data-verdict=${item.verdict}>
            ${thumbnail(item.thumbnail, TEXT.caption(item.case, item.label))}
            <span>${item.case}: ${item.label}, ${item.split}${verdictOf(item)}</span>
          </li>`,
      )}
    </ul>
  </details>`;
}

/** The cases of a folder without a list, each to be labelled; the current one is shown large. */
export function labelling(model: StudyModel): TemplateResult {
  const folder = model.folder.value;
  const labels = model.labels.value ?? new Map<string, string>();
  const candidates = folder?.candidates ?? [];
  const byNumber = new Map(model.found.value.map((item) => [item.case, item]));
  const current = model.current.value;
  const show = (isCurrent: boolean) => (element: Element | undefined) => {
    if (isCurrent) element?.scrollIntoView({ block: "nearest" });
  };
  return html`
    <h3>${TEXT.labels}</h3>
    <p>${TEXT.noList} ${TEXT.labelKeys}</p>
    <div class="study-labelling">
      <div>
        ${large(current, byNumber.get(current), labels.get(candidates[current]))}
        <div class="study-buttons">
          ${TEXT.classNames.map((name, i) => html`<button @click=${() => model.label(name)}><kbd>${i + 1}</kbd> ${name}</button>`)}
        </div>
        <p role="status"><span class="number">${TEXT.labelled(labels.size, candidates.length)}</span></p>
      </div>
      <ol class="study-sheet study-labels">
        ${candidates.map((path, i) => {
          const isCurrent = i === current;
          const item = byNumber.get(i);
          const label = labels.get(path) ?? "";
          return html`<li data-current=${isCurrent} data-verdict=${item?.verdict ?? nothing} ${ref(show(isCurrent))}>
            <button aria-pressed=${isCurrent} @click=${() => (model.current.value = i)}>
              ${thumbnail(item?.thumbnail ?? null, `case ${i}`)}<span>${i}: ${label || "–"}${verdictOf(item)}</span>
            </button>
          </li>`;
        })}
      </ol>
    </div>
  `;
}

/** ", error", where a case cannot be used. */
const verdictOf = (item: CheckedCaseInfo | undefined): string => (item && item.verdict !== "usable" ? `, ${item.verdict}` : "");

/** One case with what is known of it. */
function large(number: number, item: CheckedCaseInfo | undefined, label = ""): TemplateResult {
  return html`<figure class="study-large">
    ${thumbnail(item?.thumbnail ?? null, `case ${number}, large`)}
    <figcaption>
      <strong>case ${number}: ${label || TEXT.noLabel}</strong>
      ${item && item.slices > 0 ? html`<p class="quiet">${TEXT.oneSlice(item.slices)}</p>` : nothing}
      ${item?.reason ? html`<p class="study-left">${TEXT.cannotUse(item.verdict)} ${item.reason}</p>` : nothing}
    </figcaption>
  </figure>`;
}

const list = (title: string, lines: readonly string[]): TemplateResult | typeof nothing =>
  lines.length === 0
    ? nothing
    : html`<h3>${title} <span class="number">${lines.length}</span></h3>
        <ul class="study-lines">
          ${lines.slice(0, 40).map((line) => html`<li>${line}</li>`)}
        </ul>`;

/** What a check found. */
export function checkView({ classes, usable, excluded, leftOut, errors, lacks, warnings }: CasesReport): TemplateResult {
  const counted = (counts: CasesReport["excluded"]): string[] => counts.map(({ reason, count }) => `${count} x ${reason}`);
  return html`
    <div class="study-scroll">
      <table>
        <caption>
          ${TEXT.usable}
        </caption>
        <thead>
          <tr>
            <th scope="col">split</th>
            ${classes.map((name) => html`<th scope="col">${name}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${(["train", "val", "test"] as const).map(
            (split) =>
              html`<tr>
                <th scope="row">${split}</th>
                ${classes.map((name) => html`<td class="number">${usable[split][name] ?? 0}</td>`)}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
    ${list(TEXT.errors, errors)} ${list(TEXT.lacks, lacks)} ${list(TEXT.warnings, warnings)} ${list(TEXT.excluded, counted(excluded))}
    ${list(TEXT.leftOut, counted(leftOut))}
  `;
}

// Scored cases as a list, each with its picture, what the network says of it, and a mark for the doubtful ones.
import { html, nothing, type TemplateResult } from "lit-html";
import { ref } from "lit-html/directives/ref.js";
import { repeat } from "lit-html/directives/repeat.js";
import type { Picture } from "striatum";
import type { Page } from "../../shell/page.ts";
import { disagreementOf, doubtfulList, lossOf, saidOf, SORTS, type ScoredItem, type ScoredSet, type Sort } from "./scored.ts";
import { TEXT } from "./text.ts";

interface Listed {
  readonly found: ScoredSet;
  readonly shown: readonly ScoredItem[];
  readonly marked: ReadonlySet<string>;
  readonly pictures: ReadonlyMap<string, Picture>;
  readonly look: (item: ScoredItem) => void;
  readonly mark: (id: string) => void;
}

export function list(page: Page, { found, shown, marked, pictures, look, mark }: Listed): TemplateResult {
  const { labels, items, isStudy } = found;
  const nameOf = (id: string): string => (isStudy ? `case ${id}` : id);
  const sort: Sort = SORTS.find((each) => each === page.address.value.keys["sort"]) ?? "loss";
  const download = (event: Event): void => {
    const link = event.currentTarget as HTMLAnchorElement;
    const chosen = items.filter(({ id }) => marked.has(id));
    const url = URL.createObjectURL(new Blob([doubtfulList(chosen, labels)], { type: "text/csv" }));
    link.href = url;
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  };
  return html`<section class="card">
    <h3>${TEXT.sorts[sort]}</h3>
    ${
      marked.size > 0
        ? html`<p role="status">
            ${TEXT.marked(marked.size)} <a class="button" download="doubtful.csv" href="#" @click=${download}>${TEXT.download}</a>
          </p>`
        : nothing
    }
    <ul class="cases-list">
      ${repeat(
        shown,
        ({ id }) => id,
        (item) => {
          const said = saidOf(item);
          return html`<li data-right=${said === item.label}>
            <button class="cases-open" aria-label=${TEXT.openInLook(nameOf(item.id))} @click=${() => look(item)}>
              <canvas
                aria-hidden="true"
                ${ref((element) => void draw(page, element, isStudy ? (pictures.get(item.id) ?? null) : item.id))}
              ></canvas>
            </button>
            <span><strong>${nameOf(item.id)}</strong>${isStudy ? html`, ${labels[item.label]}` : nothing}</span>
            <span>${said === item.label ? "✓" : "✗"} <span class="number">${TEXT.said(labels[said], item.probabilities[said])}</span></span>
            <span class="number quiet"
              >${TEXT.lossIs(lossOf(item))}${item.second ? html`, ${TEXT.differs(disagreementOf(item))}` : nothing}</span
            >
            <label><input type="checkbox" .checked=${marked.has(item.id)} @change=${() => mark(item.id)} /> ${TEXT.doubtful}</label>
          </li>`;
        },
      )}
    </ul>
  </section>`;
}

const shownOn = new WeakMap<Element, Picture | string>();

/** Draws a picture of the set, by its id, or of a study. */
async function draw(page: Page, element: Element | undefined, of: Picture | string | null): Promise<void> {
  if (!(element instanceof HTMLCanvasElement) || of === null || shownOn.get(element) === of) return;
  shownOn.set(element, of);
  const context = element.getContext("2d");
  if (typeof of === "string") {
    const bitmap = await page.lab.picture(of);
    Object.assign(element, { width: bitmap.width, height: bitmap.height });
    context?.drawImage(bitmap, 0, 0);
    bitmap.close();
    return;
  }
  const { width, height, channels, data } = of;
  Object.assign(element, { width, height });
  const image = new ImageData(width, height);
  for (let i = 0; i < width * height; i++) {
    for (let c = 0; c < 3; c++) image.data[4 * i + c] = data[channels * i + (channels === 3 ? c : 0)];
    image.data[4 * i + 3] = 255;
  }
  context?.putImageData(image, 0, 0);
}

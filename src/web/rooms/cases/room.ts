// Cases: what was scored, by the open network on the loaded pictures or by a study's models on its validation and test cases.
import { computed, effect, signal, untracked } from "@preact/signals-core";
import { html, nothing, svg, type TemplateResult } from "lit-html";
import { ref } from "lit-html/directives/ref.js";
import { repeat } from "lit-html/directives/repeat.js";
import { rocSummary, type RocSummary, type StudyPredictions } from "striatum/study";
import type { Picture } from "striatum";
import type { OpenRoom, Page } from "../../shell/page.ts";
import { confusionOf, disagreementOf, doubtfulList, lossOf, saidOf, SORTS, sorted, type ScoredItem, type Sort } from "./scored.ts";
import { curvesView } from "./curves.ts";
import { ownStudy, viewedRun, type Curves, type SourceInfo } from "./source.ts";
import { TEXT } from "./text.ts";
import type * as Part from "./worker-part.ts";

/** Cases that are shown at once. */
const SHOWN = 48;
/** What the weights of a run that is viewed are called. */
const VIEWED = "viewed run";
const SIDE = 200;
/** Between two looks at a run that still trains. */
const AGAIN_MS = 2000;

interface Scored {
  /** What scored them. */
  readonly name: string;
  readonly labels: readonly string[];
  readonly items: readonly ScoredItem[];
  /** Whether the cases are a study's. */
  readonly isStudy: boolean;
}

const keyOf = ({ model, seed }: StudyPredictions): string => `${model} ${seed}`;

export function open(page: Page): OpenRoom {
  const part = page.client.remote<typeof Part>("cases");
  const set = signal<Scored | null>(null);
  const predictions = signal<readonly StudyPredictions[] | null>(null);
  const info = signal<SourceInfo | null>(null);
  const curves = signal<Curves>({});
  const marked = signal<ReadonlySet<string>>(new Set());
  const pictures = signal<ReadonlyMap<string, Picture>>(new Map());
  const keys = computed(() => page.address.value.keys);
  const isStudy = computed(() => keys.value["of"] === "study" || keys.value["of"] === "view");
  const source = computed(() => (keys.value["of"] === "view" ? viewedRun : ownStudy));
  let asked = 0;

  const study = computed<Scored | null>(() => {
    const all = predictions.value;
    if (!all || all.length === 0) return null;
    const first = all.find((each) => keyOf(each) === keys.value["model"]) ?? all[0];
    const second = all.find((each) => keyOf(each) === keys.value["second"]);
    const besides = new Map(second?.cases.map((each) => [each.case, each.probabilities]));
    const items = first.cases
      .filter(({ split }) => split === "test")
      .map((each): ScoredItem => ({
        id: String(each.case),
        label: first.classes.indexOf(each.label),
        probabilities: each.probabilities,
        second: besides.get(each.case) ?? null,
      }));
    return { name: keyOf(first), labels: first.classes, items, isStudy: true };
  });
  const scored = computed(() => (isStudy.value ? study.value : set.value));
  const order = computed<readonly ScoredItem[]>(() => {
    const sort = SORTS.find((each) => each === keys.value["sort"]) ?? "loss";
    return sorted(scored.value?.items ?? [], sort).slice(0, SHOWN);
  });

  const stops = [
    effect(() => {
      const choice = page.choice.value;
      const second = keys.value["second"];
      const isOpen = page.network.value !== null && page.pictures.value.length > 0;
      if (isStudy.value || !isOpen) return;
      const number = ++asked;
      void page.attempt(async () => {
        const { labels, cases } = await part.scoreSet(choice);
        const others = second === "alexnet" || second === "googlenet" ? await part.scoreSecond(second) : [];
        const besides = new Map(others.map(({ id, probabilities }) => [id, probabilities]));
        const items = cases.map((item): ScoredItem => ({ ...item, second: besides.get(item.id) ?? null }));
        if (number === asked) set.value = { name: "open network", labels, items, isStudy: false };
      });
    }),
    effect(() => {
      const from = source.value;
      if (!isStudy.value) return undefined;
      let timer = 0;
      let isClosed = false;
      predictions.value = null;
      pictures.value = new Map();
      const look = async (): Promise<void> => {
        const found = await from.info();
        if (isClosed) return;
        info.value = found;
        curves.value = found ? await from.curves() : {};
        if (untracked(() => predictions.value === null) || found?.hasReport)
          predictions.value = found?.hasReport ? await from.predictions() : [];
        if (found && !found.isDone && !isClosed) timer = window.setTimeout(() => void page.attempt(look), AGAIN_MS);
      };
      untracked(() => void page.attempt(look));
      return () => {
        isClosed = true;
        clearTimeout(timer);
      };
    }),
    effect(() => {
      if (!isStudy.value || !info.value?.hasCases) return;
      const wanted = order.value.map(({ id }) => id).filter((id) => !untracked(() => pictures.value).has(id));
      if (wanted.length === 0) return;
      void page.attempt(async () => {
        const found = await source.value.pictures(wanted.map(Number));
        pictures.value = new Map([...pictures.value, ...wanted.map((id, i) => [id, found[i]] as const)]);
      });
    }),
  ];

  /** Opens a case in Look: a study's with the weights of its model. */
  const look = (item: ScoredItem): void =>
    void page.attempt(async () => {
      if (!isStudy.value) return page.go({ room: "look", path: "", keys: { pic: item.id, ...withoutOwn } });
      const all = predictions.value as readonly StudyPredictions[];
      const { model, seed } = all.find((each) => keyOf(each) === keys.value["model"]) ?? all[0];
      const net = model.startsWith("alexnet") ? "alexnet" : "googlenet";
      const name = `study: ${model} ${seed}`;
      const picture = pictures.value.get(item.id);
      if (!picture) throw new Error(TEXT.noPictures);
      const bytes = await source.value.weights(model, seed);
      const id = `study: case ${item.id}`;
      await part.place(id, picture, { name, net, bytes });
      page.pictures.value = await page.lab.pictures();
      page.go({ room: "look", path: "", keys: { pic: id, net, w: name, ...withoutOwn } });
    });
  /** Opens a run's weights in Look, with the picture that is open. */
  const lookAtRun = (): void =>
    void page.attempt(async () => {
      const net = info.value?.network === "alexnet" ? "alexnet" : "googlenet";
      const bytes = await source.value.weights("run", 0);
      await part.placeWeights({ name: VIEWED, net, bytes });
      page.go({ room: "look", path: "", keys: { net, w: VIEWED, ...withoutOwn } });
    });
  const mark = (id: string): void => {
    const next = new Set(marked.value);
    if (!next.delete(id)) next.add(id);
    marked.value = next;
  };

  return {
    stage: () => {
      const found = scored.value;
      const isEmpty = found?.items.length === 0;
      return html`<div class="cases">
        <h2>${TEXT.title}</h2>
        <p class="banner"><strong>${TEXT.research}</strong> ${isStudy.value && info.value?.isSynthetic ? TEXT.synthetic : nothing}</p>
        ${controls(page, { isStudy: isStudy.value, predictions: predictions.value, labels: found?.labels ?? [] })}
        ${isStudy.value ? curvesView(curves.value, info.value?.isDone ?? false) : nothing}
        ${
          isStudy.value && predictions.value?.length === 0
            ? html`<p>${info.value?.kind === "run" ? TEXT.noPredictions : TEXT.noStudy}</p>
                ${info.value?.kind === "run" ? html`<p><button @click=${lookAtRun}>${TEXT.openWeights}</button></p>` : nothing}`
            : !found
              ? html`<p class="quiet" role="status">${TEXT.scoring}</p>`
              : isEmpty
                ? html`<p>${TEXT.none}</p>`
                : html`${confusion(found)} ${roc(page, found)}
                  ${list(page, { found, shown: order.value, marked: marked.value, pictures: pictures.value, look, mark })}`
        }
      </div>`;
    },
    close: () => {
      for (const stop of stops) stop();
    },
  };
}

/** Keys of this room, which do not go along. */
const withoutOwn = { of: "", sort: "", model: "", second: "", positive: "" };

interface Choices {
  readonly isStudy: boolean;
  readonly predictions: readonly StudyPredictions[] | null;
  readonly labels: readonly string[];
}

function controls(page: Page, { isStudy, predictions, labels }: Choices): TemplateResult {
  const { keys } = page.address.value;
  const select = (title: string, key: string, options: readonly (readonly [value: string, text: string])[]): TemplateResult =>
    html`<label class="field"
      ><span>${title}</span>
      <select @change=${(event: Event) => page.go({ keys: { [key]: (event.target as HTMLSelectElement).value } })}>
        ${options.map(([value, text]) => html`<option value=${value} ?selected=${(keys[key] ?? "") === value}>${text}</option>`)}
      </select></label
    >`;
  const models = (predictions ?? []).map((each) => [keyOf(each), `${each.model}, seed ${each.seed}`] as const);
  const seconds = isStudy
    ? models
    : (["alexnet", "googlenet"] as const).map((net) => [net, net === "alexnet" ? "AlexNet, small" : "GoogLeNet, small"] as const);
  return html`<div class="cases-controls">
    ${select(TEXT.of, "of", [["", TEXT.set], ["study", TEXT.study], ...(keys["of"] === "view" ? [["view", TEXT.view] as const] : [])])}
    ${isStudy && models.length > 0 ? select(TEXT.model, "model", models) : nothing}
    ${select(TEXT.second, "second", [["", TEXT.noSecond], ...seconds])}
    ${
      isStudy
        ? nothing
        : select(
            TEXT.positive,
            "positive",
            labels.map((label, i) => [i === 0 ? "" : label, label] as const),
          )
    }
    ${select(
      TEXT.sort,
      "sort",
      SORTS.map((sort) => [sort === "loss" ? "" : sort, TEXT.sorts[sort]] as const),
    )}
  </div>`;
}

function confusion({ labels, items }: Scored): TemplateResult {
  const counts = confusionOf(items, labels.length);
  const right = items.filter((item) => saidOf(item) === item.label).length;
  const many = labels.length > 8;
  const text = (count: number): string => (count === 0 && many ? "" : String(count));
  return html`<section class="card">
    <p role="status">${TEXT.right(right, items.length)}</p>
    <div class="cases-scroll" tabindex="0" role="region" aria-label=${TEXT.confusion}>
      <table class="cases-confusion">
        <caption>
          ${TEXT.confusion}
        </caption>
        <thead>
          <tr>
            <th scope="col"><span class="cases-hidden">label</span></th>
            ${labels.map((label, i) => html`<th scope="col" title=${label}>${many ? i : label}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${counts.map(
            (row, i) =>
              html`<tr>
                <th scope="row">${labels[i]}</th>
                ${row.map((count, j) => html`<td data-kind=${count === 0 ? "none" : i === j ? "right" : "wrong"}>${text(count)}</td>`)}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </section>`;
}

/** Score and truth of "positive": not the first class in a study, the chosen class else. */
function summaryOf(
  { items, labels, isStudy }: Scored,
  positive: string,
  of: (item: ScoredItem) => readonly number[] | null,
): RocSummary | null {
  const at = Math.max(0, labels.indexOf(positive));
  const scores = items.map((item) => of(item));
  if (scores.some((each) => each === null)) return null;
  const known = scores as readonly (readonly number[])[];
  return isStudy
    ? rocSummary(
        known.map(([none]) => 1 - none),
        items.map(({ label }) => label > 0),
      )
    : rocSummary(
        known.map((each) => each[at]),
        items.map(({ label }) => label === at),
      );
}

function roc(page: Page, found: Scored): TemplateResult {
  const { positive = "", second } = page.address.value.keys;
  const first = summaryOf(found, positive, ({ probabilities }) => probabilities);
  const other = second ? summaryOf(found, positive, (item) => item.second) : null;
  if (!first)
    return html`<section class="card">
      <h3>${TEXT.roc}</h3>
      <p>${TEXT.noRoc}</p>
    </section>`;
  const path = ({ curve }: RocSummary): string =>
    curve
      .map(({ sensitivity, specificity }) => `${((1 - specificity) * SIDE).toFixed(1)},${((1 - sensitivity) * SIDE).toFixed(1)}`)
      .join(" ");
  const { name } = found;
  return html`<section class="card">
    <h3>${TEXT.roc}</h3>
    <p>${TEXT.auc(name, first.auc, first.low, first.high)}</p>
    ${other ? html`<p>${TEXT.auc(second, other.auc, other.low, other.high)}</p>` : nothing}
    <svg class="cases-roc" viewBox="-4 -4 208 208" role="img" aria-label=${TEXT.auc(name, first.auc, first.low, first.high)}>
      ${svg`<rect x="0" y="0" width=${SIDE} height=${SIDE} class="cases-frame" />
        <line x1="0" y1=${SIDE} x2=${SIDE} y2="0" class="cases-chance" />
        ${other ? svg`<polyline points=${path(other)} class="cases-second" />` : nothing}
        <polyline points=${path(first)} class="cases-first" />`}
    </svg>
    <details>
      <summary>${TEXT.numbers}</summary>
      <div class="cases-scroll" tabindex="0" role="region" aria-label=${TEXT.roc}>
        <table>
          <thead>
            <tr>
              <th scope="col">threshold</th>
              <th scope="col">sensitivity</th>
              <th scope="col">specificity</th>
            </tr>
          </thead>
          <tbody>
            ${first.curve.map(
              ({ threshold, sensitivity, specificity }) =>
                html`<tr>
                  <td class="number">${Number.isFinite(threshold) ? threshold.toFixed(4) : "none"}</td>
                  <td class="number">${sensitivity.toFixed(3)}</td>
                  <td class="number">${specificity.toFixed(3)}</td>
                </tr>`,
            )}
          </tbody>
        </table>
      </div>
    </details>
  </section>`;
}

interface Listed {
  readonly found: Scored;
  readonly shown: readonly ScoredItem[];
  readonly marked: ReadonlySet<string>;
  readonly pictures: ReadonlyMap<string, Picture>;
  readonly look: (item: ScoredItem) => void;
  readonly mark: (id: string) => void;
}

function list(page: Page, { found, shown, marked, pictures, look, mark }: Listed): TemplateResult {
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

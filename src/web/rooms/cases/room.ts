// Cases: what was scored, by the open network on the loaded pictures or by a study's models on its validation and test cases.
import { computed, effect, signal, untracked } from "@preact/signals-core";
import { html, nothing, type TemplateResult } from "lit-html";
import type { StudyPredictions } from "striatum/study";
import type { Picture } from "striatum";
import type { OpenRoom, Page } from "../../shell/page.ts";
import { confusion, roc } from "./agreement.ts";
import { curvesView } from "./curves.ts";
import { list } from "./list.ts";
import { SORTS, sorted, type ScoredItem, type ScoredSet } from "./scored.ts";
import { ownStudy, viewedRun, type Curves, type SourceInfo } from "./source.ts";
import { TEXT } from "./text.ts";
import type * as Part from "./worker-part.ts";

/** Cases that are shown at once. */
const SHOWN = 48;
/** What the weights of a run that is viewed are called. */
const VIEWED = "viewed run";
/** Between two looks at a run that still trains. */
const AGAIN_MS = 2000;

const keyOf = ({ model, seed }: StudyPredictions): string => `${model} ${seed}`;

export function open(page: Page): OpenRoom {
  const part = page.client.remote<typeof Part>("cases");
  const set = signal<ScoredSet | null>(null);
  const predictions = signal<readonly StudyPredictions[] | null>(null);
  const info = signal<SourceInfo | null>(null);
  const curves = signal<Curves>({});
  const marked = signal<ReadonlySet<string>>(new Set());
  const pictures = signal<ReadonlyMap<string, Picture>>(new Map());
  const keys = computed(() => page.address.value.keys);
  const isStudy = computed(() => keys.value["of"] === "study" || keys.value["of"] === "view");
  const source = computed(() => (keys.value["of"] === "view" ? viewedRun : ownStudy));
  let asked = 0;

  const study = computed<ScoredSet | null>(() => {
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

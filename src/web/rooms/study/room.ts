// Study: eight models on the visitor's folder or on synthetic heads, from the check of the cases to the report.
import { signal, untracked } from "@preact/signals-core";
import { html, nothing, type TemplateResult } from "lit-html";
import { studyPrecision, type StudyModelName } from "striatum/study";
import type { OpenRoom, Page } from "../../shell/page.ts";
import { checkView, labelling, sheet } from "./cases-view.ts";
import { chosenFiles, droppedEntries, filesOf } from "./dropped.ts";
import { studyModel, TWO_MODELS, type StudyModel } from "./model.ts";
import { reportView } from "./report-view.ts";
import { jobs } from "./run-view.ts";
import { TEXT } from "./text.ts";

const DEFAULT_PATIENTS = 170;
const FEWEST_PATIENTS = 15;

export function open(page: Page): OpenRoom {
  const model = studyModel();
  const report = signal<HTMLElement | null>(null);
  const attempt = (work: () => Promise<void>) => (): void => void page.attempt(work);
  void page.attempt(() => untracked(() => model.find()));

  const take = (files: () => Promise<Parameters<StudyModel["give"]>[0]>): void => void page.attempt(async () => model.give(await files()));
  const label = (name: string) => (): void => {
    if (isLabelling(model)) model.label(name);
  };
  const move = (by: number) => (): void => {
    if (isLabelling(model)) model.move(by);
  };
  return {
    stage: () =>
      html`<div class="study">
        <h2>${TEXT.title}</h2>
        <p class="banner"><strong>${TEXT.banner}</strong> ${model.isSynthetic.value ? TEXT.synthetic : nothing}</p>
        <p>${TEXT.intro}</p>
        ${choose(model, { take, attempt })} ${model.folder.value && !model.info.value ? check(model, attempt) : nothing}
        ${canPlan(model) ? plan(page, model, attempt) : nothing} ${model.info.value ? run(page, model, attempt) : nothing}
        ${model.info.value?.hasReport ? read(model, report, attempt) : nothing}
        ${model.info.value && !model.isRunning.value ? forget(attempt, model) : nothing}
        ${model.left.value && !model.info.value ? html`<p role="status" class="study-left">${TEXT.forgotten(model.left.value)}</p>` : nothing}
      </div>`,
    bindings: [
      { key: "1", does: TEXT.keysOf.none, run: label("none") },
      { key: "2", does: TEXT.keysOf.left, run: label("left") },
      { key: "3", does: TEXT.keysOf.right, run: label("right") },
      { key: "ArrowRight", does: TEXT.keysOf.next, run: move(1) },
      { key: "ArrowLeft", does: TEXT.keysOf.previous, run: move(-1) },
    ],
    drop(transfer) {
      const entries = droppedEntries(transfer);
      if (entries.length === 0 || model.isRunning.value) return false;
      take(() => filesOf(entries));
      return true;
    },
    close: () => undefined,
  };
}

type Attempt = (work: () => Promise<void>) => () => void;

const isLabelling = (model: StudyModel): boolean =>
  model.folder.value !== null && model.labels.value !== null && model.found.value.length > 0 && model.report.value === null;

const canPlan = (model: StudyModel): boolean => {
  if (model.info.value) return false;
  const report = model.report.value;
  return model.isSynthetic.value || (report !== null && report.errors.length === 0 && report.lacks.length === 0);
};

function choose(
  model: StudyModel,
  { take, attempt }: { take: (files: () => Promise<Parameters<StudyModel["give"]>[0]>) => void; attempt: Attempt },
): TemplateResult {
  const info = model.info.value;
  const folder = model.folder.value;
  if (info && (info.hasCases || info.hasReport)) return html``;
  return html`<section class="card">
    <h3>${TEXT.choose}</h3>
    ${info ? html`<p>${TEXT.isHere(info.jobs.filter(({ done }) => done).length, info.jobs.length)} ${TEXT.wantsFolder}</p>` : nothing}
    <p class="study-drop">${TEXT.dropHere}</p>
    <p>${TEXT.privacy}</p>
    <div class="study-buttons">
      <label class="button">
        ${TEXT.chooseFolder}<input
          class="file"
          type="file"
          webkitdirectory
          @change=${(event: InputEvent) => {
            const { files } = event.target as HTMLInputElement;
            if (files && files.length > 0) take(async () => chosenFiles(files));
          }}
        />
      </label>
      ${info ? nothing : html`<button @click=${attempt(async () => model.useSynthetic())}>${TEXT.orSynthetic}</button>`}
    </div>
    ${folder ? html`<p role="status">${TEXT.folder(folder.files, folder.bytes)}</p>` : nothing} ${progress(model)}
  </section>`;
}

function progress(model: StudyModel): TemplateResult | typeof nothing {
  const doing = model.doing.value;
  if (!doing) return nothing;
  const { text, done, of } = doing;
  return html`<p role="status" class="study-doing">
    ${text} ${done !== undefined && of ? html`<meter min="0" max="1" .value=${done / of} aria-label=${text}></meter>` : nothing}
  </p>`;
}

function check(model: StudyModel, attempt: Attempt): TemplateResult {
  const folder = model.folder.value;
  const report = model.report.value;
  const found = model.found.value;
  const labels = model.labels.value;
  const isBusy = model.doing.value !== null;
  return html`<section class="card">
    <h3>${TEXT.check}</h3>
    <label class="study-option">
      <input type="checkbox" .checked=${model.slab.value} @change=${() => (model.slab.value = !model.slab.value)} /> ${TEXT.slab}
    </label>
    <div class="study-buttons">
      <button ?disabled=${isBusy} @click=${attempt(() => model.check())}>${TEXT.checkNow}</button>
    </div>
    ${progress(model)} ${report ? checkView(report) : nothing}
    ${isLabelling(model) && !isBusy ? labelling(model) : found.length > 0 ? sheet(found) : nothing}
    ${
      labels && labels.size > 0
        ? html`<div class="study-buttons">
              <a class="button" download="labels.csv" href="#" @click=${(event: Event) => offer(event, model.labelsText(), "text/csv")}
                >${TEXT.download}</a
              >
              ${
                report
                  ? html`<button ?disabled=${isBusy} @click=${() => model.changeLabels()}>${TEXT.changeLabels}</button>`
                  : html`<button
                      ?disabled=${isBusy || labels.size < (folder?.candidates.length ?? 0)}
                      @click=${attempt(() => model.useLabels())}
                    >
                      ${TEXT.useLabels}
                    </button>`
              }
            </div>
            <p class="quiet">${TEXT.keep}</p>`
        : nothing
    }
  </section>`;
}

/** Gives a link the address of a file that is made when it is followed. */
function offer(event: Event, text: string, type: string): void {
  const link = event.currentTarget as HTMLAnchorElement;
  const url = URL.createObjectURL(new Blob([text], { type }));
  link.href = url;
  setTimeout(() => {
    URL.revokeObjectURL(url);
    link.href = "#";
  }, 10_000);
}

function plan(page: Page, model: StudyModel, attempt: Attempt): TemplateResult {
  const { keys } = page.address.value;
  const patients = Math.max(FEWEST_PATIENTS, Number(keys["patients"]) || DEFAULT_PATIENTS);
  const steps = Number(keys["steps"]) || null;
  const seeds = keys["seeds"] ?? "0";
  const models = keys["models"] ?? "";
  const set = (key: string) => (event: Event) => page.go({ keys: { [key]: (event.target as HTMLInputElement).value } }, { replace: true });
  const chosen: readonly StudyModelName[] | null = models === "two" ? TWO_MODELS : null;
  const isBusy = model.doing.value !== null;
  return html`<section class="card">
    <h3>${TEXT.plan}</h3>
    <div class="study-form">
      ${
        model.isSynthetic.value
          ? html`<label class="field">
              <span>${TEXT.patients}</span
              ><input type="number" min=${FEWEST_PATIENTS} max="9999" .value=${String(patients)} @change=${set("patients")} />
            </label>`
          : nothing
      }
      <label class="field">
        <span>${TEXT.models}</span>
        <select @change=${set("models")}>
          <option value="" ?selected=${models !== "two"}>${TEXT.allModels}</option>
          <option value="two" ?selected=${models === "two"}>${TEXT.twoModels}</option>
        </select>
      </label>
      <label class="field"><span>${TEXT.seeds}</span><input type="text" .value=${seeds} @change=${set("seeds")} /></label>
      <label class="field">
        <span>${TEXT.iterations}</span
        ><input
          type="number"
          min="1"
          placeholder=${TEXT.usualSteps}
          .value=${steps === null ? "" : String(steps)}
          @change=${set("steps")}
        />
      </label>
    </div>
    ${power(model, patients)}
    <div class="study-buttons">
      <button
        ?disabled=${isBusy}
        @click=${attempt(() =>
          model.plan({
            synthetic: model.isSynthetic.value ? patients : null,
            models: chosen,
            seeds: seeds.split(",").map((seed) => Number(seed.trim())),
            iterations: steps,
            slab: model.slab.value,
          }),
        )}
      >
        ${TEXT.fix}
      </button>
    </div>
    ${progress(model)}
  </section>`;
}

/** What the number of test cases can show. */
function power(model: StudyModel, patients: number): TemplateResult | typeof nothing {
  const usable = model.report.value?.usable.test;
  // Phantoms are shared out 45 : 15 : 110, and half of the test cases have a finding; fewer than 60 as 12 : 4 : 8, and two thirds have one.
  const [drawn, found] = patients < 60 ? [Math.round(patients / 3), 2 / 3] : [Math.round((patients * 110) / 170), 1 / 2];
  const counts = usable
    ? {
        positives: Object.entries(usable).reduce((sum, [name, count]) => sum + (name === "none" ? 0 : count), 0),
        negatives: usable["none"] ?? 0,
      }
    : { positives: Math.floor(drawn * found), negatives: drawn - Math.floor(drawn * found) };
  const precision = studyPrecision(counts.positives, counts.negatives);
  if (!precision) return nothing;
  return html`<p>${TEXT.power(precision.positives, precision.negatives)}</p>
    <div class="study-scroll">
      <table>
        <thead>
          <tr>
            <th scope="col">${TEXT.auc}</th>
            <th scope="col">${TEXT.interval}</th>
          </tr>
        </thead>
        <tbody>
          ${precision.intervals.map(
            ({ auc, low, high }) =>
              html`<tr>
                <th scope="row" class="number">${auc.toFixed(2)}</th>
                <td class="number">${low.toFixed(2)} to ${high.toFixed(2)}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
}

function run(page: Page, model: StudyModel, attempt: Attempt): TemplateResult {
  const info = model.info.value as NonNullable<typeof model.info.value>;
  const done = info.jobs.filter((job) => job.done).length;
  const forecast = model.forecast.value;
  const isRunning = model.isRunning.value;
  const isBusy = model.doing.value !== null;
  const eta = model.standing.value?.etaS ?? null;
  return html`<section class="card">
    <h3>${TEXT.run}</h3>
    <p class="quiet">${TEXT.fixed(info.protocol.slice(0, 12))}</p>
    <p>${info.hasReport ? TEXT.open : TEXT.shut}</p>
    ${
      info.hasReport || !info.hasCases
        ? nothing
        : html`<div class="study-buttons">
            ${
              isRunning
                ? html`<button ?disabled=${model.isPausing.value} @click=${attempt(() => model.pause())}>
                    ${model.isPausing.value ? TEXT.pausing : TEXT.pause}
                  </button>`
                : html`<button class="study-start" ?disabled=${isBusy} @click=${attempt(() => model.run())}>
                      ${done > 0 ? TEXT.goOn : TEXT.start}
                    </button>
                    <button ?disabled=${isBusy || !page.device.value} @click=${attempt(() => model.measure())}>${TEXT.forecast}</button>`
            }
          </div>`
    }
    ${progress(model)}
    ${
      forecast && !isRunning && !info.hasReport
        ? html`<p role="status">
            ${TEXT.takes(forecast.seconds)}
            ${Object.entries(forecast.stepSeconds).map(([network, seconds]) => html`${TEXT.step(network, seconds)}. `)}
          </p>`
        : nothing
    }
    <p role="status">
      <span class="number">${TEXT.running(done, info.jobs.length)}</span>${isRunning && eta !== null ? `, ${TEXT.eta(eta)}` : nothing}
    </p>
    ${isRunning ? html`<p class="quiet">${model.note.value}</p>` : nothing}
    ${isRunning ? html`<p class="quiet">${TEXT.closeTab}</p>` : nothing} ${jobs(model)}
  </section>`;
}

function read(model: StudyModel, report: { value: HTMLElement | null }, attempt: Attempt): TemplateResult {
  const toggle = async (): Promise<void> => {
    model.html.value ??= await model.open();
    report.value = report.value ? null : reportView(model.html.value);
  };
  return html`<section class="card study-read">
    <h3>${TEXT.read}</h3>
    <div class="study-buttons">
      <button @click=${attempt(toggle)}>${report.value ? TEXT.hide : TEXT.show}</button>
      <button @click=${attempt(async () => save((model.html.value ??= await model.open())))}>${TEXT.save}</button>
    </div>
    ${report.value ? html`<div role="region" aria-label=${TEXT.report} class="study-report-frame" tabindex="0">${report.value}</div>` : nothing}
  </section>`;
}

function save(text: string): void {
  const link = document.createElement("a");
  const url = URL.createObjectURL(new Blob([text], { type: "text/html" }));
  Object.assign(link, { href: url, download: "report.html" });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

const forget = (attempt: Attempt, model: StudyModel): TemplateResult =>
  html`<section class="card">
    <h3>${TEXT.forget}</h3>
    <p>${TEXT.forgetWhy}</p>
    <div class="study-buttons"><button @click=${attempt(() => model.forget())}>${TEXT.forgetNow}</button></div>
  </section>`;

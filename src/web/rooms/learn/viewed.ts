// A run or a study of the command line in Learn, as `npx striatum view` serves it: its losses, read again while it trains.
import { effect, signal } from "@preact/signals-core";
import { html, nothing, type TemplateResult } from "lit-html";
import type { Page } from "../../shell/page.ts";
import { curvesView } from "../cases/curves.ts";
import { viewedRun, type Curves, type SourceInfo } from "../cases/source.ts";
import { TEXT } from "./text.ts";

/** Between two looks at a run that still trains. */
const AGAIN_MS = 2000;

export interface ViewedRun {
  stage(): TemplateResult;
  close(): void;
}

/** Whether the address names the run that the server shows, in the place of one of this tab. */
export const isViewed = ({ address }: Page): boolean => address.value.keys["of"] === "view";

/** Follows the run while the address names it. */
export function followViewed(page: Page): ViewedRun {
  const info = signal<SourceInfo | null>(null);
  const curves = signal<Curves | null>(null);
  let timer = 0;
  let asked = 0;
  const look = async (number: number): Promise<void> => {
    const found = await viewedRun.info();
    const lines = found ? await viewedRun.curves() : {};
    if (number !== asked) return;
    info.value = found;
    curves.value = lines;
    if (found && !found.isDone) timer = window.setTimeout(() => void page.attempt(() => look(number)), AGAIN_MS);
  };
  const end = (): void => {
    asked++;
    clearTimeout(timer);
  };
  const stop = effect(() => {
    end();
    const number = asked;
    if (isViewed(page)) void page.attempt(() => look(number));
  });
  return {
    stage: () => {
      const found = curves.value;
      const shown = found && curvesView(found, info.value?.isDone ?? false);
      return html`<div class="learn cases">
        <section class="learn-head">
          <h2>${TEXT.title}</h2>
          <p>${TEXT.viewed}</p>
          <p><a href="#/cases?of=view">${TEXT.viewedCases}</a> <a href="#/learn">${TEXT.learnHere}</a></p>
        </section>
        ${found && shown === nothing ? html`<p class="quiet" role="status">${info.value ? TEXT.noLosses : TEXT.noRun}</p>` : (shown ?? nothing)}
      </div>`;
    },
    close() {
      stop();
      end();
    },
  };
}

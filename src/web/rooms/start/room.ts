// Start: the picture, its likeliest classes, and the strongest map of each block of layers.
import { effect, signal } from "@preact/signals-core";
import { html, nothing, type TemplateResult } from "lit-html";
import { ref } from "lit-html/directives/ref.js";
import { repeat } from "lit-html/directives/repeat.js";
import { Panel } from "../../shell/panel.ts";
import type { OpenRoom, Page } from "../../shell/page.ts";
import { pictureView } from "../../shell/picture-view.ts";
import type { LayerNode } from "striatum/inspect";
import { blockValues } from "./blocks.ts";
import { TEXT } from "./text.ts";
import type * as Part from "./worker-part.ts";

const CELL = 104;
const GAP = 4;

type Answer = Awaited<ReturnType<typeof Part.likeliest>>;

export function open(page: Page): OpenRoom {
  const part = page.client.remote<typeof Part>("start");
  const panel = new Panel(page.client);
  const answer = signal<Answer | null>(null);
  const columns = signal(1);
  const fit = new ResizeObserver(([{ contentRect }]) => (columns.value = Math.max(1, Math.floor(contentRect.width / CELL))));
  fit.observe(panel.element);

  /** Runs work on what is open, again whenever that changes; what an earlier run finds is not used. */
  const onOpened = (work: (picture: string, isCurrent: () => boolean) => Promise<void>): (() => void) => {
    let asked = 0;
    return effect(() => {
      const number = ++asked;
      const picture = page.picture.value;
      const isOpen = page.network.value !== null;
      void page.choice.value;
      if (picture && isOpen) void page.attempt(() => work(picture, () => number === asked));
    });
  };
  const stops = [
    onOpened(async (picture, isCurrent) => {
      answer.value = null;
      const found = await part.likeliest(page.choice.value, picture);
      if (isCurrent()) answer.value = found;
    }),
    effect(() => {
      const across = columns.value;
      const network = page.network.value;
      const picture = page.picture.value;
      if (!network || !picture) return;
      const names = blockValues(network.layers).map(({ name }) => name);
      const gap = GAP * Math.min(devicePixelRatio, 2);
      void page.attempt(() => part.strip(page.choice.value, picture, { panel: panel.id, names, columns: across, gap }));
    }),
  ];

  return {
    stage: () => stage(page, { answer: answer.value, strip: panel.element, columns: columns.value }),
    close() {
      for (const stop of stops) stop();
      fit.disconnect();
      panel.dispose();
    },
  };
}

interface Shown {
  readonly answer: Answer | null;
  readonly strip: HTMLElement;
  readonly columns: number;
}

function stage(page: Page, { answer, strip, columns }: Shown): TemplateResult {
  const network = page.network.value;
  const values = network ? blockValues(network.layers) : [];
  // A picture of the visitor's, for networks that know fractals alone.
  const isBeyond = page.choice.value.weights === "quick" && page.picture.value?.startsWith("own:");
  const arrange = (element: Element | undefined): void => {
    if (!(element instanceof HTMLElement)) return;
    element.style.setProperty("--rows", String(Math.max(1, Math.ceil(values.length / columns))));
    element.style.setProperty("--columns", String(columns));
  };
  return html`
    <div class="start">
      <section class="card start-picture" aria-label=${page.picture.value ?? ""}>${pictureView(page)}</section>
      <section class="card likely">
        <h2>${TEXT.likeliest}</h2>
        ${answer ? likely(answer) : html`<p class="quiet">${page.problem.value ? TEXT.noAnswer : TEXT.waiting}</p>`}
        ${answer && isBeyond ? html`<p class="quiet">${TEXT.notLikely}</p>` : nothing}
      </section>
      <section class="card strip">
        <h2>${TEXT.strip}</h2>
        <div class="strip-stack" ${ref(arrange)}>
          ${strip}
          <nav class="strip-links" aria-label=${TEXT.strip}>
            ${repeat(
              values,
              ({ name }) => name,
              (value) => cell(page, value),
            )}
          </nav>
        </div>
        <p class="quiet">${TEXT.opens}</p>
      </section>
    </div>
  `;
}

const likely = ({ classes, milliseconds }: Answer): TemplateResult => html`
  <ol class="bars">
    ${classes.map(
      ({ label, probability }) => html`
        <li>
          <span class="bar-label">${label}</span>
          <meter min="0" max="1" .value=${probability} aria-label=${label}></meter>
          <span class="number">${probability.toFixed(4)}</span>
        </li>
      `,
    )}
  </ol>
  <p class="quiet"><span class="number">${TEXT.pass(milliseconds)}</span> ${TEXT.passTook}</p>
`;

const cell = (page: Page, { name, block }: LayerNode): TemplateResult =>
  html`<a href=${page.link({ room: "look", path: name })}><span>${block}</span></a>`;

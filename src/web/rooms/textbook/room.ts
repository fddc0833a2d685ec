// The textbook: twelve short pages whose figures are live and whose numbers are read from a network.
import { computed, effect, signal } from "@preact/signals-core";
import { html, nothing, type TemplateResult } from "lit-html";
import { unsafeHTML } from "lit-html/directives/unsafe-html.js";
import { FORMULAS } from "virtual:textbook-formulas";
import type { Binding } from "../../shell/keys.ts";
import type { OpenRoom, Page } from "../../shell/page.ts";
import { Panel } from "../../shell/panel.ts";
import { paper, shownTheme } from "../../shell/theme.ts";
import { barsView, controlsView, drawValues, linesView, mapView, tableView, windowsView } from "./figures.ts";
import type { Found } from "./found.ts";
import { KEYS } from "./keys.ts";
import { PAGES } from "./pages.ts";
import { destinationOf, piecesOf, shownNumber } from "./prose.ts";
import { TEXT } from "./text.ts";
import { PAGE_TEXTS } from "./texts.ts";
import type * as Part from "./worker-part.ts";

/** Calls of the worker: by their numbers it knows the last. */
let calls = 0;
/** Keys of the textbook, none of which another room should find. */
const NONE = Object.fromEntries(KEYS.map((key) => [key, ""]));
/** Characters of a word among the numbers; what is longer is a note, and not bold. */
const LONGEST = 40;
/** The networks of the pages are those that ship. */
const SHIPPED = { w: "" };

export function open(page: Page): OpenRoom {
  const room = new Textbook(page);
  return { stage: () => room.stage(), bindings: room.bindings, worksWithoutDevice: true, close: () => room.close() };
}

class Textbook {
  readonly #page: Page;
  readonly #part;
  readonly #found = signal<Found | null>(null);
  /** Name of the page that is open; null for one that is not there. */
  readonly #name;
  /** Canvases that the worker draws on, made once a figure needs them. */
  readonly #panels: Panel[] = [];
  /** Canvases of the page's own thread. */
  readonly #canvases: HTMLCanvasElement[] = [];
  readonly #stops: readonly (() => void)[];

  constructor(page: Page) {
    this.#page = page;
    this.#part = page.client.remote<typeof Part>("textbook");
    this.#name = computed(() => {
      const { path } = page.address.value;
      return path === "" ? PAGES[0].name : (PAGES.find(({ name }) => name === path)?.name ?? null);
    });
    // As text, so that what changes nothing of it asks for nothing.
    const question = computed(() => {
      const { keys } = page.address.value;
      const own = Object.fromEntries(KEYS.flatMap((key) => (keys[key] === undefined ? [] : [[key, keys[key]]])));
      return JSON.stringify([this.#name.value, page.picture.value, own]);
    });
    const isReady = computed(() => page.pictures.value.length > 0 && (page.device.value !== null || page.noDevice.value !== ""));
    let shownPage: string | null = null;
    this.#stops = [
      effect(() => {
        const asked = question.value;
        void page.network.value; // what the worker drew is gone when it opens another
        if (!isReady.value || this.#name.value === null) return;
        const [name, picture, keys] = JSON.parse(asked) as [string, string, Record<string, string>];
        if (name !== shownPage) {
          shownPage = name;
          this.#found.value = null;
        }
        const number = ++calls;
        void page.attempt(async () => {
          const found = await this.#part.find(number, name, picture, keys);
          if (!found || number !== calls) return;
          this.#found.value = found;
          await this.#draw(number, found);
        });
      }),
      effect(() => {
        void shownTheme.value;
        this.#drawOwn(this.#found.value);
      }),
    ];
  }

  readonly bindings: readonly Binding[] = [
    { key: "]", does: TEXT.keys.next, run: () => this.#turn(1) },
    { key: "[", does: TEXT.keys.previous, run: () => this.#turn(-1) },
  ];

  stage(): TemplateResult {
    const name = this.#name.value;
    if (name === null)
      return html`<div class="textbook">
        <p>${TEXT.unknownPage(this.#page.address.value.path)}</p>
        ${this.#contents("", true)}
      </div>`;
    const { title, blocks, question, answer, links, sources } = PAGE_TEXTS[name];
    const number = PAGES.findIndex((each) => each.name === name);
    const found = this.#found.value?.page === name ? this.#found.value : null;
    return html`<div class="textbook">
      ${this.#contents(name, false)}
      <article class="textbook-page card" aria-label=${title} data-page=${name} data-how=${found?.how ?? ""} data-ready=${found !== null}>
        <p class="quiet textbook-number">${TEXT.number(number + 1, PAGES.length)}</p>
        <h2>${title}</h2>
        <p class="quiet textbook-how">${this.#how(name, found)}</p>
        ${blocks.map((block) => this.#block(block, found))}
        <section class="textbook-question" aria-label=${TEXT.question}>
          <h3>${TEXT.question}</h3>
          <p>${this.#prose(question, found)}</p>
          <details>
            <summary>${TEXT.answer}</summary>
            <p>${this.#prose(answer, found)}</p>
          </details>
        </section>
        <section aria-label=${TEXT.goOn}>
          <h3>${TEXT.goOn}</h3>
          <ul>
            ${links.map((link) => html`<li>${this.#prose(link, found)}</li>`)}
          </ul>
        </section>
        <section class="textbook-sources" aria-label=${TEXT.sources}>
          <h3>${TEXT.sources}</h3>
          <ul>
            ${sources.map((source) => html`<li>${source}</li>`)}
          </ul>
        </section>
        <nav class="textbook-turn" aria-label=${`${TEXT.previous}, ${TEXT.next}`}>
          ${this.#turnLink(number - 1, TEXT.previous)} ${this.#turnLink(number + 1, TEXT.next)}
        </nav>
      </article>
    </div>`;
  }

  close(): void {
    for (const stop of this.#stops) stop();
    for (const panel of this.#panels) panel.dispose();
    void this.#part.close(++calls);
  }

  /** The list of pages: beside the page, or above it where there is no room. */
  #contents(current: string, isOpen: boolean): TemplateResult {
    return html`<nav class="textbook-contents" aria-label=${TEXT.contents}>
      <details ?open=${isOpen || matchMedia("(min-width: 1100px)").matches}>
        <summary>${TEXT.contents}</summary>
        <ol>
          ${PAGES.map(
            ({ name }) =>
              html`<li><a href=${this.#to(name)} aria-current=${name === current ? "page" : nothing}>${PAGE_TEXTS[name].title}</a></li>`,
          )}
        </ol>
      </details>
    </nav>`;
  }

  #how(name: string, found: Found | null): string {
    const { net, onHost } = PAGES.find((each) => each.name === name) as (typeof PAGES)[number];
    if (!found) return `${TEXT.computing} …`;
    const how = found.how === "gpu" ? TEXT.onDevice : onHost ? TEXT.onHost : TEXT.withoutDevice;
    return onHost ? how : `${how} ${TEXT.small(TEXT.titles[net])}`;
  }

  #block(block: string, found: Found | null): TemplateResult | typeof nothing {
    if (!block.startsWith("@")) return html`<p>${this.#prose(block, found)}</p>`;
    const [kind, name = ""] = block.slice(1).split(" ");
    if (kind === "formula")
      return html`<div class="textbook-formula" tabindex="0" role="region" aria-label=${`${TEXT.formula}: ${name}`}>
        ${unsafeHTML(FORMULAS[name])}
      </div>`;
    if (!found) return html`<div class="textbook-waiting" data-kind=${kind}></div>`;
    if (kind === "controls")
      return controlsView(found.controls, ({ key, clears }, value) =>
        this.#page.go({ keys: { ...Object.fromEntries(clears.map((other) => [other, ""])), [key]: value } }),
      );
    if (kind === "table") return tableView(found.tables[name]);
    if (kind === "bars") return barsView(found.bars[name]);
    if (kind === "lines") return linesView(found.lines[name]);
    if (kind === "windows") return found.windows ? windowsView(found.windows) : html``;
    return html`<div class="textbook-maps" data-count=${found.maps.length}>
      ${found.maps.map((map, i) =>
        mapView(map, i, map.values ? this.#canvas(i) : this.#panel(i).element, ({ row, column }) =>
          this.#page.go({ keys: { at: `${row},${column}` } }, { replace: true }),
        ),
      )}
    </div>`;
  }

  #prose(paragraph: string, found: Found | null): TemplateResult[] {
    const numbers = found?.numbers ?? {};
    return piecesOf(paragraph).map((piece) => {
      if (piece.is === "words") return html`${piece.text}`;
      if (piece.is === "letter") return html`<i>${piece.text}</i>`;
      if (piece.is === "link") {
        const { room, path, keys } = destinationOf(piece.to, numbers);
        return html`<a href=${this.#page.link({ room, path, keys: { ...NONE, ...SHIPPED, ...keys } })}>${piece.text}</a>`;
      }
      const value = numbers[piece.name];
      if (value === undefined) return html`<b class="number">…</b>`;
      if (typeof value === "string" && value.length > LONGEST) return html`${value}`;
      return html`<b class="number" data-number=${piece.name} data-value=${value}>${shownNumber(value)}</b>`;
    });
  }

  readonly #to = (name: string): string => this.#page.link({ room: "textbook", path: name, keys: NONE });

  #turnLink(number: number, title: string): TemplateResult | typeof nothing {
    const entry = PAGES[number];
    return entry ? html`<a href=${this.#to(entry.name)}><span class="quiet">${title}</span> ${PAGE_TEXTS[entry.name].title}</a>` : nothing;
  }

  #turn(by: number): void {
    const next = PAGES[PAGES.findIndex(({ name }) => name === this.#name.value) + by];
    if (!next) return;
    this.#page.go({ path: next.name, keys: NONE });
    document.querySelector<HTMLElement>("#stage")?.focus();
    scrollTo({ top: 0 });
  }

  #panel(number: number): Panel {
    this.#panels[number] ??= new Panel(this.#page.client);
    return this.#panels[number];
  }

  #canvas(number: number): HTMLCanvasElement {
    if (!this.#canvases[number]) {
      this.#canvases[number] = document.createElement("canvas");
      this.#canvases[number].setAttribute("aria-hidden", "true"); // what it shows is said by the element around it
    }
    return this.#canvases[number];
  }

  async #draw(number: number, found: Found): Promise<void> {
    const drawn = found.maps.map((map, i) => ({ map, i })).filter(({ map }) => map.values === null);
    if (drawn.length === 0) return;
    await this.#part.draw(
      number,
      drawn.map(({ map }) => map),
      drawn.map(({ i }) => this.#panel(i).id),
    );
  }

  #drawOwn(found: Found | null): void {
    const ground = paper().map((part) => Math.round(part * 255)) as unknown as [number, number, number];
    found?.maps.forEach((map, i) => map.values && drawValues(this.#canvas(i), map, ground));
  }
}

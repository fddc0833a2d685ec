// Look: one layer of the network, open down to the arithmetic of each number.
import { computed, effect, signal, untracked } from "@preact/signals-core";
import { html, nothing } from "lit-html";
import { Panel } from "../../shell/panel.ts";
import type { Binding } from "../../shell/keys.ts";
import type { OpenRoom, Page } from "../../shell/page.ts";
import { cards, type Crop } from "./cards.ts";
import { histograms } from "./histograms.ts";
import { numbers } from "./numbers.ts";
import { drawSeen, imageCanvas } from "./pictures.ts";
import { all, controls, squares, type Cells, type StageShown } from "./stage.ts";
import { TEXT } from "./text.ts";
import { extentsOf, keysOf, SCALES, shown as asText, viewOf, type View } from "./view.ts";
import type * as Part from "./worker-part.ts";
import type { Explained } from "./questions.ts";
import type { At, Subject } from "./subject.ts";
import type { ElementShown, Shown } from "./worker-part.ts";

const GAP = 2;
const SPOKEN_EVERY = 1000;
/** Drawings that were asked for: by their numbers the worker knows the last, whatever order it takes calls in. */
let drawings = 0;

export function open(page: Page): OpenRoom {
  const room = new Look(page);
  return {
    stage: () => room.stage(),
    inspector: () => room.inspector(),
    bindings: room.bindings,
    close: () => room.close(),
  };
}

/** Side of a cell of the canvas of all maps, in pixels of the page: many maps are small. */
function sideFor(count: number, { rows, columns }: { readonly rows: number; readonly columns: number }): number {
  if (rows * columns === 1) return 28;
  if (count <= 24) return 96;
  if (count <= 96) return 72;
  return count <= 256 ? 52 : 40;
}

class Look {
  readonly #page: Page;
  readonly #part;
  readonly #panels;
  readonly #picture = imageCanvas(TEXT.seen);
  readonly #behind = document.createElement("canvas");
  /** As wide as the canvas of all maps may be. */
  readonly #measure = document.createElement("div");
  readonly #width = signal(600);
  readonly #shown = signal<Shown | null>(null);
  readonly #element = signal<ElementShown | null>(null);
  /** The pixel under the pointer or moved to by arrows. */
  readonly #cursor = signal<At | null>(null);
  readonly #withPicture = signal(true);
  readonly #exciting = signal<{ readonly pictures: number; readonly crops: readonly Crop[] } | null>(null);
  readonly #explained = signal<readonly { readonly text: string; readonly canvas: HTMLCanvasElement }[]>([]);
  readonly #spoken = signal("");
  #layer = "";
  #spokenAt = -SPOKEN_EVERY;
  #speaking: ReturnType<typeof setTimeout> | undefined;
  #reading = false;
  #readAgain = false;
  readonly #fit: ResizeObserver;
  readonly #stops: readonly (() => void)[];

  readonly #view;
  readonly #at;
  readonly #cells;
  /** Maps in a row. */
  readonly #across;
  readonly #subject;

  constructor(page: Page) {
    this.#page = page;
    this.#part = page.client.remote<typeof Part>("look");
    this.#panels = { all: new Panel(page.client), large: new Panel(page.client), other: new Panel(page.client) };
    this.#behind.className = "look-behind";
    this.#behind.setAttribute("aria-hidden", "true");
    this.#view = computed<View | null>(() => {
      const network = page.network.value;
      return network && viewOf(page.address.value, network.layers);
    });
    this.#at = computed<At | null>(() => {
      const view = this.#view.value;
      if (!view) return null;
      const { rows, columns } = this.#mapOf(view);
      if (view.pinned) return { channel: view.channel, ...view.pinned };
      const cursor = this.#cursor.value;
      if (cursor && cursor.row < rows && cursor.column < columns) return cursor;
      return { channel: this.#channelOf(view), row: Math.floor(rows / 2), column: Math.floor(columns / 2) };
    });
    this.#cells = computed<Cells | null>(() => {
      const view = this.#view.value;
      if (!view) return null;
      const filter = view.tab === "filter" ? (this.#shown.value?.filter ?? null) : null;
      const map = filter ?? extentsOf(view.layer);
      const count = filter && !filter.inColour ? filter.inputs : extentsOf(view.layer).channels;
      const wanted = Math.min(sideFor(count, map), Math.max(28, Math.floor(this.#width.value / 5)));
      const columns = Math.max(1, Math.min(count, Math.floor(this.#width.value / wanted)));
      return { count, columns, side: columns === count ? wanted : Math.floor(this.#width.value / columns), gap: GAP };
    });
    this.#across = computed(() => this.#cells.value?.columns ?? 0);
    // As text, so that a change of the address that changes nothing of it computes nothing.
    this.#subject = computed<string>(() => {
      const view = this.#view.value;
      const picture = page.picture.value;
      if (!view || !picture) return "";
      const { layer, channel, tab, of, off, versus } = view;
      const subject: Subject = { choice: page.choice.value, picture, layer: layer.name, channel, tab, of, off, versus };
      return JSON.stringify(subject);
    });
    this.#fit = new ResizeObserver(([{ contentRect }]) => {
      if (contentRect.width > 0) this.#width.value = Math.floor(contentRect.width);
    });
    this.#fit.observe(this.#measure);
    this.#stops = [
      effect(() => {
        const subject = this.#subject.value;
        const columns = this.#across.value;
        const scale = this.#view.value?.scale;
        const isOpen = page.network.value !== null;
        if (subject === "" || columns === 0 || !scale || !isOpen) return;
        const number = ++drawings;
        const ratio = Math.min(devicePixelRatio, 2);
        const { all: grid, large, other } = this.#panels;
        const canvases = { all: grid.id, large: large.id, other: other.id, scale, columns, gap: GAP * ratio };
        void page.attempt(async () => {
          const found = await this.#part.show(number, JSON.parse(subject) as Subject, canvases);
          if (found && number === drawings) this.#shown.value = found;
        });
      }),
      effect(() => {
        const { layer, channel } = this.#view.value ?? {};
        untracked(() => this.#follow(layer?.name ?? "", channel ?? 0));
      }),
      effect(() => {
        void this.#shown.value;
        void this.#at.value;
        untracked(() => this.#read());
      }),
      effect(() => {
        const picture = page.picture.value;
        const seen = this.#shown.value?.seen;
        if (picture && seen) void page.attempt(() => this.#drawPicture(picture, seen));
      }),
      effect(() => {
        void this.#subject.value;
        this.#exciting.value = null;
        untracked(() => void page.attempt(() => this.#excitingIfKnown()));
      }),
      effect(() => {
        void page.picture.value;
        void page.choice.value;
        this.#explained.value = [];
      }),
    ];
  }

  readonly bindings: readonly Binding[] = [
    { key: "ArrowLeft", does: TEXT.keysOf.left, run: () => this.#move(0, -1) },
    { key: "ArrowRight", does: TEXT.keysOf.right, run: () => this.#move(0, 1) },
    { key: "ArrowUp", does: TEXT.keysOf.up, run: () => this.#move(-1, 0) },
    { key: "ArrowDown", does: TEXT.keysOf.down, run: () => this.#move(1, 0) },
    { key: "Shift+ArrowLeft", does: TEXT.keysOf.before, run: () => this.#channel(-1) },
    { key: "Shift+ArrowRight", does: TEXT.keysOf.after, run: () => this.#channel(1) },
    { key: "Shift+ArrowUp", does: TEXT.keysOf.above, run: () => this.#channel(-(this.#cells.value?.columns ?? 1)) },
    { key: "Shift+ArrowDown", does: TEXT.keysOf.below, run: () => this.#channel(this.#cells.value?.columns ?? 1) },
    { key: "[", does: TEXT.keysOf.previous, run: () => this.#step(-1) },
    { key: "]", does: TEXT.keysOf.next, run: () => this.#step(1) },
    { key: "Enter", does: TEXT.keysOf.pin, run: () => this.#pin() },
    { key: "Escape", does: TEXT.keysOf.free, run: () => this.#page.go({ keys: keysOf({ pinned: null }) }) },
    { key: "s", does: TEXT.keysOf.scale, run: () => this.#nextScale() },
    { key: "b", does: TEXT.keysOf.behind, run: () => this.#toggleBehind() },
  ];

  stage() {
    const view = this.#view.value;
    const at = this.#at.value;
    const cells = this.#cells.value;
    if (!view || !at || !cells) return html`<p class="quiet">${TEXT.computing}</p>`;
    const found = this.#shown.value;
    const shown: StageShown = {
      view,
      shown: found,
      at,
      element: this.#element.value,
      cells,
      behind: this.#withPicture.value,
      canvases: {
        picture: this.#picture,
        behind: this.#behind,
        large: this.#panels.large.element,
        other: this.#panels.other.element,
        all: this.#panels.all.element,
        measure: this.#measure,
      },
    };
    const actions = {
      hover: (hovered: At | null) => {
        if (!view.pinned) this.#cursor.value = hovered;
      },
      choose: (chosen: At) => this.#choose(chosen),
      step: (layers: number) => this.#step(layers),
      toggleBehind: () => this.#toggleBehind(),
    };
    const silenceable = this.#silenceable(view);
    return html`<div class="look" id="look-panel" role="tabpanel" aria-labelledby=${`look-tab-${view.tab}`}>
      ${controls(this.#page, shown, actions)} ${squares(shown, actions)}
      ${view.tab === "histogram" ? html`<section class="card">${histograms(found?.histograms ?? null, view.channel)}</section>` : nothing}
      ${all(this.#page, shown, actions)}
      ${cards(
        this.#page,
        { view, classes: found?.classes ?? [], silenceable, exciting: this.#exciting.value, explained: this.#explained.value },
        {
          lookThrough: () => void this.#page.attempt(() => this.#lookThrough()),
          explain: (method) => void this.#page.attempt(() => this.#explain(method)),
        },
      )}
      <p class="look-spoken" role="status" aria-live="polite">${this.#spoken.value}</p>
    </div>`;
  }

  inspector() {
    const view = this.#view.value;
    return view ? numbers(this.#page, view, this.#element.value) : html``;
  }

  close(): void {
    for (const stop of this.#stops) stop();
    this.#fit.disconnect();
    clearTimeout(this.#speaking);
    for (const panel of Object.values(this.#panels)) panel.dispose();
    void this.#part.close(++drawings);
  }

  #mapOf(view: View): { readonly rows: number; readonly columns: number } {
    return (view.tab === "filter" && this.#shown.value?.filter) || extentsOf(view.layer);
  }

  /** The channel whose pixel the cursor is on where nothing points elsewhere. */
  #channelOf(view: View): number {
    const filter = view.tab === "filter" ? this.#shown.value?.filter : null;
    return filter && !filter.inColour ? (filter.norms[0]?.input ?? 0) : view.channel;
  }

  #move(rows: number, columns: number): void {
    const view = this.#view.value;
    const at = this.#at.value;
    if (!view || !at) return;
    const map = this.#mapOf(view);
    const row = Math.min(map.rows - 1, Math.max(0, at.row + rows));
    const column = Math.min(map.columns - 1, Math.max(0, at.column + columns));
    this.#cursor.value = { channel: this.#channelOf(view), row, column };
    if (view.pinned) this.#page.go({ keys: keysOf({ pinned: { row, column } }) }, { replace: true });
  }

  #channel(by: number): void {
    const view = this.#view.value;
    if (!view) return;
    const channel = view.channel + by;
    if (channel < 0 || channel >= extentsOf(view.layer).channels) return;
    this.#page.go({ keys: keysOf({ channel }) }, { replace: true });
  }

  #step(layers: number): void {
    const all = this.#page.network.value?.layers ?? [];
    const at = all.findIndex(({ name }) => name === this.#view.value?.layer.name);
    const next = all[at + layers];
    if (next) this.#page.go({ path: next.name, keys: keysOf({ channel: 0, pinned: null }) });
  }

  #pin(): void {
    const at = this.#at.value;
    if (at) this.#page.go({ keys: keysOf({ channel: at.channel, pinned: { row: at.row, column: at.column } }) });
  }

  #choose(at: At): void {
    const view = this.#view.value;
    this.#cursor.value = at;
    if (view?.tab === "filter") return;
    const isPinned = view?.pinned?.row === at.row && view.pinned.column === at.column;
    this.#page.go({ keys: keysOf({ pinned: isPinned ? null : { row: at.row, column: at.column } }) });
  }

  #nextScale(): void {
    const scale = this.#view.value?.scale ?? SCALES[0];
    this.#page.go({ keys: keysOf({ scale: SCALES[(SCALES.indexOf(scale) + 1) % SCALES.length] }) });
  }

  #toggleBehind(): void {
    this.#withPicture.value = !this.#withPicture.value;
  }

  /** The convolution or inner product that a layer is, or is the ReLU of; null for others. */
  #silenceable({ layer }: View): string | null {
    const layers = this.#page.network.value?.layers ?? [];
    let node: View["layer"] | undefined = layer;
    while (node?.op === "relu") node = layers.find(({ name }) => name === node?.inputs[0]);
    return node && (node.op === "conv2d" || node.op === "innerProduct") ? node.name : null;
  }

  /** The cursor goes along to another channel; on another layer it begins in the middle. */
  #follow(layer: string, channel: number): void {
    const cursor = this.#cursor.value;
    this.#cursor.value = cursor && layer === this.#layer ? { ...cursor, channel } : null;
    this.#layer = layer;
  }

  /** Reads the element under the cursor: one at a time, the last one that was wanted in the end. */
  #read(): void {
    if (this.#reading) {
      this.#readAgain = true;
      return;
    }
    const subject = this.#subject.value;
    const at = this.#at.value;
    if (subject === "" || !at || !this.#shown.value) return;
    this.#reading = true;
    void this.#page
      .attempt(() => this.#part.element(drawings, JSON.parse(subject) as Subject, at))
      .then((found) => {
        this.#reading = false;
        if (found && subject === this.#subject.value) {
          this.#element.value = found;
          this.#speak();
        }
        if (this.#readAgain) {
          this.#readAgain = false;
          this.#read();
        }
      });
  }

  /** Says at most once a second what is under the cursor, and in the end what it stays on. */
  #speak(): void {
    this.#speaking ??= setTimeout(
      () => {
        this.#speaking = undefined;
        this.#spokenAt = performance.now();
        const { at, value } = this.#element.value ?? {};
        if (!at || value === undefined) return;
        const largest = this.#shown.value?.histograms?.channel.largest;
        this.#spoken.value = `${TEXT.cell(at.channel, at.row, at.column)}: ${asText(value)}${value === largest ? `, ${TEXT.largest}` : ""}`;
      },
      Math.max(0, this.#spokenAt + SPOKEN_EVERY - performance.now()),
    );
  }

  async #drawPicture(id: string, seen: Shown["seen"]): Promise<void> {
    const bitmap = await this.#page.lab.picture(id);
    this.#picture.setAttribute("aria-label", id);
    for (const canvas of [this.#picture, this.#behind]) drawSeen(canvas, bitmap, seen);
    bitmap.close();
  }

  async #excitingIfKnown(): Promise<void> {
    const subject = this.#subject.value;
    if (subject === "" || !(await this.#part.knowsExciting(JSON.parse(subject) as Subject))) return;
    if (subject === this.#subject.value) await this.#lookThrough();
  }

  async #lookThrough(): Promise<void> {
    const subject = this.#subject.value;
    const seen = this.#shown.value?.seen;
    if (!seen) return;
    const { pictures, found } = await this.#part.exciting(JSON.parse(subject) as Subject);
    const crops = await Promise.all(
      found.map(async (each): Promise<Crop> => {
        const bitmap = await this.#page.lab.picture(each.id);
        const canvas = imageCanvas(each.name);
        drawSeen(canvas, bitmap, seen, each.frame?.inside ?? undefined);
        bitmap.close();
        return { found: each, canvas };
      }),
    );
    if (subject === this.#subject.value) this.#exciting.value = { pictures, crops };
  }

  async #explain(method: Explained["method"]): Promise<void> {
    const picture = this.#page.picture.value;
    const { label, passes, milliseconds, overlay } = await this.#part.explain(JSON.parse(this.#subject.value) as Subject, method);
    if (!overlay || picture !== this.#page.picture.value) return;
    const text = `${TEXT.methods[method]}: ${TEXT.took(passes, milliseconds / 1000, label)}`;
    const canvas = imageCanvas(text);
    canvas.width = overlay.width;
    canvas.height = overlay.height;
    canvas.getContext("2d")?.drawImage(overlay, 0, 0);
    overlay.close();
    this.#explained.value = [...this.#explained.value, { text, canvas }];
  }
}

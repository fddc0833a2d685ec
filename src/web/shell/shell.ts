// The shell around the rooms: the bar, the layers, the stage, the numbers, and dialogs.
import { effect, signal, untracked } from "@preact/signals-core";
import { html, nothing, type TemplateResult } from "lit-html";
import { ref } from "lit-html/directives/ref.js";
import { ROOMS, type RoomEntry } from "../rooms/rooms.ts";
import { NETWORKS, TEXT } from "../text.ts";
import { listen, type Binding } from "./keys.ts";
import { newer, offline } from "./offline.ts";
import { SHARED_KEYS, type OpenRoom, type Page } from "./page.ts";
import { searchView } from "./search.ts";
import { spine } from "./spine.ts";
import { loadStyle } from "./style-sheets.ts";
import { nextTheme, paper, shownTheme, theme } from "./theme.ts";

type Dialog = "search" | "keys" | "sent" | "device" | "offline";
type Drawer = "spine" | "inspector";

/** The shell of one page. */
export class Shell {
  readonly #page: Page;
  readonly #room = signal<{ readonly name: string; readonly open: OpenRoom } | null>(null);
  readonly #dialog = signal<Dialog | null>(null);
  readonly #drawer = signal<Drawer | null>(null);
  readonly #dropping = signal(false);
  /** Bytes of the device's memory that are taken, as the dialog about it says. */
  readonly #memory = signal<number | null>(null);
  /** What the stage shows where there is no device; loaded then. */
  readonly #noDevice = signal<TemplateResult | null>(null);
  readonly #bindings: readonly Binding[] = [
    { key: "/", does: TEXT.keysOf.search, run: () => (this.#dialog.value = "search") },
    { key: "?", does: TEXT.keysOf.keys, run: () => (this.#dialog.value = "keys") },
    { key: "t", does: TEXT.keysOf.theme, run: nextTheme },
  ];

  constructor(page: Page) {
    this.#page = page;
    listen(() => (this.#dialog.value ? [] : [...(this.#room.value?.open.bindings ?? []), ...this.#bindings]));
    this.#listenForDrops();
    effect(() => {
      void shownTheme.value;
      void page.lab.setPaper(paper());
    });
    effect(() => {
      const reason = page.noDevice.value;
      if (reason) void import("./no-device.ts").then(({ noDeviceView }) => (this.#noDevice.value = noDeviceView(reason)));
    });
    effect(() => {
      const { room } = page.address.value;
      untracked(() => this.#enter(room));
    });
  }

  /** The whole page. */
  view(): TemplateResult {
    const page = this.#page;
    const { room } = page.address.value;
    const open = this.#room.value?.name === room ? this.#room.value.open : null;
    const entry: RoomEntry | undefined = ROOMS[room];
    document.title = `${entry?.title ?? room} · ${TEXT.title}`;
    return html`
      <a class="skip" href="#stage" @click=${skipToStage}>${TEXT.skip}</a>
      <header class="bar">${this.#bar(room)}</header>
      ${this.#messages(room)}
      <div
        class="room"
        data-drawer=${this.#drawer.value ?? ""}
        data-inspector=${open?.inspector ? "yes" : "no"}
        data-apart=${entry?.isApart ?? false}
      >
        <nav class="spine" id="spine" aria-label=${TEXT.layers}>${spine(page, () => (this.#drawer.value = null))}</nav>
        <main class="stage" id="stage" tabindex="-1" aria-label=${entry?.title ?? TEXT.stage}>
          ${page.noDevice.value && !open?.worksWithoutDevice ? (this.#noDevice.value ?? nothing) : ((open?.worksWithoutDevice ? null : this.#question()) ?? open?.stage() ?? nothing)}
        </main>
        ${open?.inspector ? html`<aside class="inspector" id="inspector" aria-label=${TEXT.inspector}>${open.inspector()}</aside>` : nothing}
      </div>
      <footer class="foot">
        <span>${TEXT.medical}</span>
        <span>${TEXT.onlyHere}</span>
      </footer>
      ${this.#dialogs()} ${this.#dropping.value ? html`<div class="dropping" aria-hidden="true">${TEXT.dropping}</div>` : nothing}
    `;
  }

  #bar(room: string): TemplateResult {
    const page = this.#page;
    const busy = page.client.busy.value;
    const device = page.device.value;
    const toggle = (drawer: Drawer) => () => (this.#drawer.value = this.#drawer.value === drawer ? null : drawer);
    return html`
      <h1 class="brand"><a href="#/start">Striatum</a></h1>
      <nav class="rooms" aria-label=${TEXT.rooms}>
        ${Object.entries(ROOMS).map(
          ([name, { title }]) =>
            html`<a href=${page.link({ room: name, path: "" })} aria-current=${name === room ? "page" : nothing}>${title}</a>`,
        )}
      </nav>
      <span class="chips">
        ${
          device
            ? html`<button class="chip" data-kind=${device.isSoftware ? "warning" : "plain"} @click=${() => this.#showDevice()}>
                ${device.isSoftware ? TEXT.softwareChip : device.adapter}
              </button>`
            : nothing
        }
        ${
          offline.value
            ? html`<button class="chip" data-kind="warning" @click=${() => (this.#dialog.value = "offline")}>${TEXT.offline}</button>`
            : nothing
        }
        <button class="chip" @click=${() => (this.#dialog.value = "sent")}>${TEXT.bytesSent}</button>
        <button class="chip" @click=${() => (this.#dialog.value = "search")} aria-label=${TEXT.search}>/</button>
        <button class="chip" @click=${() => (this.#dialog.value = "keys")} aria-label=${TEXT.keys}>?</button>
        <button class="chip" @click=${nextTheme} aria-label=${TEXT.theme[theme.value]}>
          ${{ auto: "◐", light: "○", dark: "●" }[theme.value]}
        </button>
      </span>
      <div class="bar-open" ?hidden=${ROOMS[room]?.isApart}>
        <button class="drawer-button" @click=${toggle("spine")} aria-expanded=${this.#drawer.value === "spine"} aria-controls="spine">
          ${TEXT.layers}
        </button>
        ${this.#networkField()} ${this.#pictureField()}
        <label class="button">
          ${TEXT.openFiles}<input
            class="file"
            type="file"
            multiple
            @change=${(event: InputEvent) => this.#take((event.target as HTMLInputElement).files)}
          />
        </label>
        <span class="busy" role="status">${busy ? progressOf(busy) : nothing}</span>
      </div>
    `;
  }

  #networkField(): TemplateResult {
    const page = this.#page;
    const { net, weights } = page.choice.value;
    const known = ["googlenet quick", "alexnet quick"];
    const chosen = `${net} ${weights}`;
    const options = known.includes(chosen) ? known : [...known, chosen];
    return html`<label class="field"
      ><span>${TEXT.network}</span>
      <select
        @change=${(event: Event) => {
          const [chosenNet, ...rest] = (event.target as HTMLSelectElement).value.split(" ");
          page.go({ keys: { net: chosenNet, w: rest.join(" ") } });
        }}
      >
        ${options.map((option) => {
          const [name, ...rest] = option.split(" ");
          const of = rest.join(" ");
          return html`<option value=${option} ?selected=${option === chosen}>
            ${NETWORKS[name] ?? name}, ${of === "quick" ? TEXT.quick : of}
          </option>`;
        })}
      </select></label
    >`;
  }

  #pictureField(): TemplateResult {
    const page = this.#page;
    return html`<label class="field"
      ><span>${TEXT.picture}</span>
      <select @change=${(event: Event) => page.go({ keys: { pic: (event.target as HTMLSelectElement).value } })}>
        ${page.pictures.value.map(({ id, name }) => html`<option value=${id} ?selected=${id === page.picture.value}>${name}</option>`)}
      </select></label
    >`;
  }

  #messages(room: string): TemplateResult {
    const page = this.#page;
    const lost = page.client.lost.value;
    const entry: RoomEntry | undefined = ROOMS[room];
    const unknown = Object.keys(page.address.value.keys).filter(
      (key) => !(SHARED_KEYS as readonly string[]).includes(key) && !entry?.keys.includes(key),
    );
    const close = (what: "problem" | "notice") => () => (page[what].value = "");
    return html`<div class="messages">
      <div role="alert">
        ${lost ? this.#lost(lost) : nothing}
        ${
          page.problem.value
            ? html`<p class="problem">
                <span>${page.problem.value}</span> <button class="plain" @click=${close("problem")}>${TEXT.close}</button>
              </p>`
            : nothing
        }
      </div>
      <div role="status">
        ${
          page.notice.value
            ? html`<p class="notice">
                <span>${page.notice.value}</span> <button class="plain" @click=${close("notice")}>${TEXT.close}</button>
              </p>`
            : nothing
        }
        ${
          newer.value
            ? html`<p class="notice"><span>${TEXT.newer}</span> <button class="plain" @click=${newer.value}>${TEXT.useNewer}</button></p>`
            : nothing
        }
        ${entry ? nothing : html`<p class="notice">${TEXT.unknownRoom(room)}</p>`}
        ${entry && unknown.length > 0 ? html`<p class="notice">${TEXT.unknownKeys(unknown)}</p>` : nothing}
      </div>
    </div>`;
  }

  #lost({ message, again }: { readonly message: string; readonly again: boolean }): TemplateResult {
    if (again) return html`<p class="problem">${TEXT.lost(message)}</p>`;
    return html`<p class="problem">
      <span>${TEXT.lostTwice(message)}</span>
      <button class="plain" @click=${() => this.#page.lab.reopen()}>${TEXT.openAgain}</button>
    </p>`;
  }

  /** A network that would take long is run only when the visitor says so. */
  #question(): TemplateResult | null {
    const page = this.#page;
    const question = page.question.value;
    if (!question) return null;
    const { title, measuring, forecast, run, small } = TEXT.question;
    return html`<section class="question card" aria-label=${title} aria-live="polite">
      <h2>${title}</h2>
      <p>${question.seconds === null ? measuring : forecast(question.seconds)}</p>
      <button ?disabled=${question.seconds === null} @click=${() => page.accept()}>${run}</button>
      <button @click=${() => page.go({ keys: { net: "googlenet", w: "quick" } })}>${small}</button>
    </section>`;
  }

  #showDevice(): void {
    this.#memory.value = null;
    this.#dialog.value = "device";
    void this.#page.attempt(async () => (this.#memory.value = await this.#page.lab.memory()));
  }

  #dialogs(): TemplateResult | typeof nothing {
    const kind = this.#dialog.value;
    if (!kind) return nothing;
    const close = (): void => void (this.#dialog.value = null);
    const titles: Readonly<Record<Dialog, string>> = {
      search: TEXT.search,
      keys: TEXT.keys,
      sent: TEXT.bytesSent,
      device: TEXT.device,
      offline: TEXT.offline,
    };
    const device = this.#page.device.value;
    const contents: Readonly<Record<Dialog, () => TemplateResult>> = {
      search: () => searchView(this.#page, close),
      keys: () => this.#keys(),
      sent: () => html`<p>${TEXT.bytesSentWhy}</p>`,
      device: () =>
        html`<p>${device?.isSoftware ? TEXT.software(device.adapter) : device?.adapter}</p>
          <p class="taken">${this.#memory.value === null ? "…" : TEXT.memoryTaken(this.#memory.value)}</p>`,
      offline: () => html`<p>${TEXT.offlineWhy}</p>`,
    };
    // A dialog of the browser keeps the focus, and closes with Escape.
    const show = (element: Element | undefined): void => {
      // It is in the document only after the template is.
      if (element instanceof HTMLDialogElement && !element.open) queueMicrotask(() => element.isConnected && element.showModal());
    };
    return html`<dialog aria-label=${titles[kind]} @close=${close} ${ref(show)}>
      <h2>${titles[kind]}</h2>
      ${contents[kind]()}
      <form method="dialog"><button>${TEXT.close}</button></form>
    </dialog>`;
  }

  #keys(): TemplateResult {
    const all = [...(this.#room.value?.open.bindings ?? []), ...this.#bindings];
    return html`<dl class="keys">
      ${all.map(
        ({ key, does }) =>
          html`<dt><kbd>${key.replace("Shift+", "Shift + ")}</kbd></dt>
            <dd>${does}</dd>`,
      )}
    </dl>`;
  }

  #enter(room: string): void {
    const before = this.#room.value;
    if (before?.name === room) return;
    before?.open.close();
    this.#room.value = null;
    this.#drawer.value = null;
    const entry: RoomEntry | undefined = ROOMS[room];
    if (!entry) return;
    void this.#page.attempt(async () => {
      const [module] = await Promise.all([entry.load(), ...(entry.styles ?? []).map(loadStyle)]);
      if (this.#page.address.value.room !== room) return;
      this.#room.value = { name: room, open: module.open(this.#page) };
      if (before)
        requestAnimationFrame(() => {
          scrollTo(0, 0);
          focusStage({ preventScroll: true });
        });
    });
  }

  #take(files: FileList | null | undefined): void {
    if (files && files.length > 0) void this.#page.take([...files]);
  }

  #listenForDrops(): void {
    addEventListener("dragover", (event) => {
      event.preventDefault();
      this.#dropping.value = true;
    });
    addEventListener("dragleave", (event) => {
      if (event.relatedTarget === null) this.#dropping.value = false;
    });
    addEventListener("drop", (event) => {
      event.preventDefault();
      this.#dropping.value = false;
      if (!event.dataTransfer || this.#room.value?.open.drop?.(event.dataTransfer)) return;
      this.#take(event.dataTransfer.files);
    });
  }
}

function skipToStage(event: Event): void {
  event.preventDefault(); // the address is the room's
  focusStage();
}

const focusStage = (options: FocusOptions = {}): void => document.querySelector<HTMLElement>("#stage")?.focus(options);

const progressOf = ({ text, done, of }: { readonly text: string; readonly done?: number; readonly of?: number }): TemplateResult =>
  html`${text}${done !== undefined && of !== undefined ? html` <span class="number">${done} of ${of}</span>` : nothing}`;

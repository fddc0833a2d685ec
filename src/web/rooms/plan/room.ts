// Plan: how a pass is computed. Its launches in order, what lies where in memory while they run, and what each of the graph's passes saves.
import { effect, signal } from "@preact/signals-core";
import { html, nothing, type TemplateResult } from "lit-html";
import type { KernelFamily } from "striatum";
import type { ArenaValue, PlanPass } from "striatum/inspect";
import { MANY_FLOPS, type OpenRoom, type Page } from "../../shell/page.ts";
import { memoryMap, timeLine, type ChartOptions, type Lane } from "./charts.ts";
import { bytesText, flopsText, timeText } from "./format.ts";
import { launchTable, table, valueTable } from "./tables.ts";
import { FAMILIES, LEARNING_PASSES, PASSES, TEXT } from "./text.ts";
import type * as Part from "./worker-part.ts";
import type { Launch, Measured, Plan, Settings } from "./worker-part.ts";

const HUES = 9;
const NARROWEST = 240;
/** Launches that are listed while none is marked. */
const MOST_LISTED = 8;

/** A plan that was asked for, and what became of it. */
interface Tried {
  readonly settings: Settings;
  readonly plan: Plan;
  readonly measured: Measured | null;
}

export function open(page: Page): OpenRoom {
  const room = new PlanRoom(page);
  return {
    stage: () => room.stage(),
    inspector: () => room.inspector(),
    bindings: [
      { key: "ArrowRight", does: TEXT.keys.next, run: () => room.step(1) },
      { key: "ArrowLeft", does: TEXT.keys.previous, run: () => room.step(-1) },
      { key: "Enter", does: TEXT.keys.open, run: () => room.openKernel() },
    ],
    close: () => room.close(),
  };
}

class PlanRoom {
  readonly #page: Page;
  /** What was tried on the network that is open, by its settings in words. */
  readonly #tried = signal<ReadonlyMap<string, Tried>>(new Map());
  /** Settings, in words, of what was asked for. */
  readonly #asked = new Set<string>();
  /** Settings, in words, of what is running. */
  readonly #running = signal<string | null>(null);
  readonly #pointed = signal<number | null>(null);
  readonly #value = signal<ArenaValue | null>(null);
  readonly #width = signal(NARROWEST);
  readonly #part;
  readonly #frame: HTMLElement = document.createElement("div");
  readonly #fit: ResizeObserver;
  readonly #stops: readonly (() => void)[];

  constructor(page: Page) {
    this.#page = page;
    this.#part = page.client.remote<typeof Part>("plan");
    this.#fit = new ResizeObserver(([{ contentRect }]) => (this.#width.value = Math.max(NARROWEST, Math.floor(contentRect.width))));
    this.#fit.observe(this.#frame);
    this.#stops = [
      effect(() => {
        void page.network.value;
        void page.client.devices.value;
        this.#tried.value = new Map();
        this.#asked.clear();
        this.#pointed.value = null;
        this.#value.value = null;
      }),
      effect(() => {
        const settings = this.#settings();
        if (!page.network.value || this.#asked.has(wordsOf(settings))) return;
        this.#asked.add(wordsOf(settings));
        void page.attempt(() => this.#plan(settings));
      }),
    ];
  }

  close(): void {
    for (const stop of this.#stops) stop();
    this.#fit.disconnect();
    void this.#part.close();
  }

  /** Marks the launch that many places further on. */
  step(by: number): void {
    const shown = this.#shown();
    if (!shown) return;
    const { launches } = shown.plan;
    const index = (this.#marked(shown.plan) + by + launches.length) % launches.length;
    this.#pointed.value = null;
    this.#value.value = null;
    this.#page.go({ path: launches[Math.max(index, 0)].id }, { replace: true });
  }

  openKernel(): void {
    const shown = this.#shown();
    const launch = shown?.plan.launches[this.#marked(shown.plan)];
    if (launch) this.#page.go({ room: "kernel", path: launch.id });
  }

  inspector(): TemplateResult {
    const shown = this.#shown();
    if (!shown) return html`<p class="quiet">${TEXT.waiting}</p>`;
    const { plan, measured } = shown;
    const index = this.#marked(plan);
    const value = this.#value.value;
    const { path } = this.#page.address.value;
    return html`
      <div aria-live="polite">
        ${path && index < 0 ? html`<p>${TEXT.unknownLaunch(path)}</p>` : nothing}
        ${index < 0 ? this.#mostWork(shown) : this.#launchFacts(plan.launches[index], measured?.launches?.[index] ?? null)}
      </div>
      ${value && plan.values.includes(value) ? valueFacts(value, plan) : nothing}
    `;
  }

  /** While no launch is marked: those that take most of the pass. */
  #mostWork({ plan: { launches }, measured }: Tried): TemplateResult {
    const times = measured?.launches;
    const amount = (i: number): number => times?.[i] ?? launches[i].flops;
    const most = [...launches.keys()].toSorted((a, b) => amount(b) - amount(a)).slice(0, MOST_LISTED);
    return html`<p class="quiet">${TEXT.choose}</p>
      <h3>${times ? TEXT.longest : TEXT.mostWork}</h3>
      <ol class="most">
        ${most.map(
          (i) =>
            html`<li>
              <a href=${this.#page.link({ path: launches[i].id })}>${launches[i].id}</a>
              <span class="number">${times ? timeText(amount(i)) : flopsText(amount(i))}</span>
            </li>`,
        )}
      </ol>`;
  }

  stage(): TemplateResult {
    const shown = this.#shown();
    return html`<div class="plan">
      <section class="card">${this.#frame} ${shown ? this.#timeLine(shown) : html`<p class="quiet">${TEXT.waiting}</p>`}</section>
      ${shown ? html`<section class="card">${this.#memory(shown)}</section>` : nothing}
      <section class="card">${this.#switches()}</section>
    </div>`;
  }

  /** What the address says is other than usual. */
  #settings(): Settings {
    const { without = "", kernels } = this.#page.address.value.keys;
    const passes = without.split(",").filter((name): name is PlanPass => name in PASSES);
    return { without: passes, family: FAMILIES.find((each) => each === kernels) ?? null };
  }

  #shown(): Tried | null {
    return this.#tried.value.get(wordsOf(this.#settings())) ?? null;
  }

  /** Position of the launch that is pointed at, or that the address names; -1 for none. */
  #marked({ launches }: Plan): number {
    const { path } = this.#page.address.value;
    return this.#pointed.value ?? launches.findIndex(({ id }) => id === path);
  }

  async #plan(settings: Settings): Promise<void> {
    const { choice, network } = this.#page;
    const asked = network.peek();
    const plan = await this.#part.plan(choice.peek(), settings);
    if (network.peek() !== asked) return;
    const tried: Tried = { settings, plan, measured: null };
    this.#note(tried);
    // What a processor takes long for, the visitor asks for: a plan by its button, a switch by itself.
    const isLong = this.#page.device.peek()?.isSoftware !== false && (asked?.flops ?? 0) > MANY_FLOPS;
    if (!isUsual(settings) || !isLong) await this.#measure(tried);
  }

  async #measure(tried: Tried): Promise<void> {
    const { choice, network, picture } = this.#page;
    const asked = network.peek();
    const shown = picture.peek();
    if (shown === null) return;
    const words = wordsOf(tried.settings);
    this.#running.value = words;
    try {
      const measured = await this.#part.measure(choice.peek(), shown, tried.settings);
      if (measured && network.peek() === asked) this.#note({ ...tried, measured });
    } finally {
      if (this.#running.value === words) this.#running.value = null;
    }
  }

  #note(tried: Tried): void {
    this.#tried.value = new Map([...this.#tried.value, [wordsOf(tried.settings), tried]]);
  }

  #chart(plan: Plan): ChartOptions {
    const ops = [...new Set(plan.launches.map(({ op }) => op))];
    return {
      width: this.#width.value,
      plan,
      marked: this.#marked(plan),
      colourOf: ({ op }) => `op-${ops.indexOf(op) % HUES}`,
      hrefOf: (launch) => this.#hrefOf(launch),
      point: (index) => {
        this.#pointed.value = index;
      },
    };
  }

  #hrefOf({ id }: Launch): string {
    return this.#page.link({ room: "kernel", path: id });
  }

  #timeLine(tried: Tried): TemplateResult {
    const { plan, measured } = tried;
    const { launches } = plan;
    const chart = this.#chart(plan);
    const flops = launches.reduce((sum, launch) => sum + launch.flops, 0);
    const bytes = launches.reduce((sum, launch) => sum + launch.bytes, 0);
    const lanes: readonly Lane[] = measured?.launches
      ? [{ name: TEXT.lanes.time, widths: measured.launches }]
      : [
          { name: TEXT.lanes.flops, widths: launches.map((launch) => launch.flops) },
          { name: TEXT.lanes.bytes, widths: launches.map((launch) => launch.bytes) },
        ];
    const pass = measured && timeText(measured.pass);
    const says = !pass ? TEXT.byWork : measured?.launches ? TEXT.byTime(pass) : TEXT.noTimestamps(pass);
    const running = this.#running.value !== null;
    const ops = new Map(launches.map((launch) => [launch.op, chart.colourOf(launch)]));
    return html`
      <h2>${TEXT.title}</h2>
      <p>${TEXT.summary(launches.length, flopsText(flops), bytesText(bytes))} ${says}</p>
      ${
        measured
          ? nothing
          : html`<p>
              <button ?disabled=${running} @click=${() => void this.#page.attempt(() => this.#measure(tried))}>
                ${running ? TEXT.running : TEXT.run}
              </button>
            </p>`
      }
      <div class="chart-frame">${timeLine(lanes, chart)}</div>
      <ul class="legend">
        ${[...ops].map(([op, colour]) => html`<li><span class=${`swatch ${colour}`}></span>${op}</li>`)}
      </ul>
      <details>
        <summary>${TEXT.numbers}</summary>
        ${launchTable(plan, measured, (launch) => this.#hrefOf(launch))}
      </details>
    `;
  }

  #memory({ plan }: Tried): TemplateResult {
    const { arenas, peakBytes, boundBytes } = plan;
    const inArenas = arenas.reduce((sum, bytes) => sum + bytes, 0);
    return html`
      <h2>${TEXT.memory}</h2>
      <p>${TEXT.memorySummary(arenas.length, bytesText(inArenas), bytesText(peakBytes), bytesText(boundBytes))} ${TEXT.memoryAxis}</p>
      <div class="chart-frame">
        ${memoryMap({
          ...this.#chart(plan),
          markedValue: this.#value.value,
          pointAtValue: (value) => {
            this.#value.value = value;
          },
        })}
      </div>
      <details>
        <summary>${TEXT.numbers}</summary>
        ${valueTable(plan)}
      </details>
    `;
  }

  #switches(): TemplateResult {
    const { without, family } = this.#settings();
    const turn = (pass: PlanPass, on: boolean): void => {
      const passes = on ? without.filter((name) => name !== pass) : [...without, pass];
      this.#page.go({ keys: { without: passes.join(",") } });
    };
    return html`
      <h2>${TEXT.switches}</h2>
      <p>${TEXT.switchesWhy}</p>
      <ul class="switches">
        ${Object.entries(PASSES).map(
          ([name, does]) =>
            html`<li>
              <label
                ><input
                  type="checkbox"
                  .checked=${!without.includes(name as PlanPass)}
                  @change=${(event: Event) => turn(name as PlanPass, (event.target as HTMLInputElement).checked)}
                /><span><code>${name}</code> ${does}</span></label
              >
            </li>`,
        )}
      </ul>
      <p class="quiet">${TEXT.onlyLearning} ${LEARNING_PASSES.join(", ")}.</p>
      <label class="field"
        ><span>${TEXT.family}</span>
        <select @change=${(event: Event) => this.#page.go({ keys: { kernels: (event.target as HTMLSelectElement).value } })}>
          <option value="" ?selected=${family === null}>${TEXT.ownFamily}</option>
          ${FAMILIES.map((each: KernelFamily) => html`<option value=${each} ?selected=${each === family}>${each}</option>`)}
        </select></label
      >
      ${this.#triedTable()}
    `;
  }

  #triedTable(): TemplateResult | typeof nothing {
    const tried = [...this.#tried.value.values()];
    if (tried.length === 0) return nothing;
    const { plan, ...figures } = TEXT.columns;
    const rows = tried.map(({ settings, plan: made, measured }) => [
      html`<a href=${this.#page.link({ keys: { without: settings.without.join(","), kernels: settings.family ?? "" } })}
        >${wordsOf(settings)}</a
      >`,
      made.launches.length,
      bytesText(made.peakBytes),
      bytesText(made.launches.reduce((sum, { bytes }) => sum + bytes, 0)),
      measured ? timeText(measured.pass) : this.#running.value === wordsOf(settings) ? TEXT.running : "",
      differenceText(settings, measured),
    ]);
    return html`
      <h3>${TEXT.tried}</h3>
      ${table(TEXT.tried, [{ title: plan }, ...Object.values(figures).map((title) => ({ title, number: true }))], rows)}
    `;
  }

  #launchFacts(launch: Launch, milliseconds: number | null): TemplateResult {
    const { facts } = TEXT;
    const speed = milliseconds && launch.flops > 0 ? `${flopsText(launch.flops / (milliseconds / 1000))}/s` : "";
    return html`
      <h2>${launch.id}</h2>
      ${factList([
        [facts.layer, launch.layer],
        [facts.stage, launch.stage],
        [facts.op, launch.op],
        [facts.kernel, launch.kernel],
        [facts.workgroups, launch.workgroups.join(" × ")],
        [facts.flops, flopsText(launch.flops)],
        [facts.bytes, bytesText(launch.bytes)],
        [facts.time, milliseconds === null ? "" : timeText(milliseconds)],
        [facts.speed, speed],
        [facts.reads, launch.reads.join(", ")],
        [facts.writes, launch.writes.join(", ")],
      ])}
      <p><a href=${this.#hrefOf(launch)}>${TEXT.openKernel}</a></p>
    `;
  }
}

const isUsual = ({ without, family }: Settings): boolean => without.length === 0 && family === null;

/** Settings as a reader names them. */
function wordsOf({ without, family }: Settings): string {
  const words = [...(without.length > 0 ? [TEXT.without(without)] : []), ...(family ? [TEXT.withFamily(family)] : [])];
  return words.length > 0 ? words.join(", ") : TEXT.usual;
}

function differenceText(settings: Settings, measured: Measured | null): string {
  if (!measured || isUsual(settings)) return "";
  return measured.difference === 0 ? TEXT.sameBits : measured.difference.toExponential(1);
}

const factList = (facts: readonly (readonly [string, string | number])[]): TemplateResult =>
  html`<dl class="plan-facts">
    ${facts.map(([name, value]) =>
      value === ""
        ? nothing
        : html`<dt>${name}</dt>
            <dd class="number">${value}</dd>`,
    )}
  </dl>`;

function valueFacts({ name, arena, offset, bytes, from, to }: ArenaValue, { launches }: Plan): TemplateResult {
  const { facts } = TEXT;
  return html`
    <h2>${name}</h2>
    ${factList([
      [facts.arena, String(arena)],
      [facts.place, String(offset)],
      [facts.size, bytesText(bytes)],
      [facts.life, TEXT.life(launches[from].id, launches[to].id)],
    ])}
  `;
}

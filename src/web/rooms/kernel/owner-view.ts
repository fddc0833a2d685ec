// The owner map: the output in the colours of the workgroups that store it, and workgroups that light up one after the other.
import { computed, effect, signal, untracked } from "@preact/signals-core";
import type { KernelOwners, OwnerMap } from "striatum/inspect";
import { html, nothing, type TemplateResult } from "lit-html";
import { paper, shownTheme } from "../../shell/theme.ts";
import { colourOfNumber, dimmed, MapView, type Colour } from "./map-view.ts";
import { TEXT, withUnit } from "./text.ts";
import { neededBy, type Windows } from "./windows.ts";

const NOBODY = 0xffffffff;
/** A whole play takes about this long. */
const PLAY_MS = 5000;

export class OwnerView {
  readonly owners = signal<KernelOwners | null>(null);
  readonly playing = signal(false);
  readonly #chosen = signal(0);
  /** Workgroups that are lit: all while it is null. */
  readonly #lit = signal<number | null>(null);
  readonly #isWhole = computed(() => this.#lit.value === null);
  /** How many are lit: it changes with each frame, and the page's template does not. */
  readonly #counter = document.createElement("span");
  readonly #map = new MapView();
  /** Windows of the op on its input; null where it has none. */
  readonly #windows = signal<Windows | null>(null);
  readonly #needs = new MapView();
  readonly #needed = computed(() => this.#neededByPointed());
  readonly #stops: (() => void)[];
  #frame = 0;

  constructor() {
    this.#counter.className = "number quiet";
    this.#stops = [
      effect(() => void (this.#counter.textContent = `${this.#lit.value ?? this.#count()} / ${this.#count()}`)),
      effect(() => {
        const owners = this.owners.value;
        const map = owners?.maps[this.#chosen.value];
        const lit = this.#lit.value;
        const at = this.#map.at.value;
        void shownTheme.value;
        if (owners && map) untracked(() => this.#show(owners, map, { lit, pointed: at === null ? null : map.owners[at] }));
      }),
      effect(() => {
        const needed = this.#needed.value;
        void shownTheme.value;
        if (needed) untracked(() => this.#showNeeds(needed));
      }),
    ];
  }

  /** Takes a map, and the windows of the op on its input; none where the kernel is another one now. */
  set(owners: KernelOwners | null, windows: Windows | null = null): void {
    this.#windows.value = windows;
    this.pause();
    this.#chosen.value = 0;
    this.#lit.value = null;
    this.owners.value = owners;
  }

  /** Lights workgroups one after the other, from the first that is not lit. */
  play(): void {
    const count = this.#count();
    if (count === 0) return;
    // Whoever wants no motion goes by steps.
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return this.step(Math.ceil(count / 16));
    let lit = this.#lit.value ?? 0;
    if (lit >= count) lit = 0;
    this.playing.value = true;
    let before = performance.now();
    const next = (now: number): void => {
      lit = Math.min(count, lit + (count * (now - before)) / PLAY_MS);
      before = now;
      this.#lit.value = Math.floor(lit);
      if (lit >= count) this.pause();
      else this.#frame = requestAnimationFrame(next);
    };
    this.#frame = requestAnimationFrame(next);
  }

  pause(): void {
    cancelAnimationFrame(this.#frame);
    this.playing.value = false;
  }

  /** Lights more workgroups, or fewer. */
  step(by: number): void {
    this.pause();
    const count = this.#count();
    this.#lit.value = Math.max(0, Math.min(count, (this.#lit.value ?? (by > 0 ? 0 : count)) + by));
  }

  view(): TemplateResult {
    const owners = this.owners.value;
    if (!owners) return html`${nothing}`;
    const map = owners.maps[this.#chosen.value];
    return html`
      <div class="row">
        ${
          owners.maps.length > 1
            ? html`<label class="field"
                >${TEXT.output}
                <select @change=${(event: Event) => (this.#chosen.value = Number((event.target as HTMLSelectElement).value))}>
                  ${owners.maps.map(
                    ({ value, variable }, i) =>
                      html`<option value=${i} ?selected=${i === this.#chosen.value}>${variable}: ${value ?? TEXT.partial}</option>`,
                  )}
                </select>
              </label>`
            : nothing
        }
        <button @click=${() => (this.playing.value ? this.pause() : this.play())}>${this.playing.value ? TEXT.pause : TEXT.play}</button>
        <button @click=${() => this.step(-1)} aria-label=${TEXT.keysOf.back}>−</button>
        <button @click=${() => this.step(1)} aria-label=${TEXT.keysOf.forward}>+</button>
        <button
          ?disabled=${this.#isWhole.value}
          @click=${() => {
            this.pause();
            this.#lit.value = null;
          }}
        >
          ${TEXT.all}
        </button>
        ${this.#counter}
      </div>
      ${this.#map.view()}
      <p>${TEXT.owned(map.owners.length, map.none, map.shared, map.again)} <span class="quiet">${TEXT.order}</span></p>
      ${this.#windows.value ? this.#needsView() : nothing}
    `;
  }

  dispose(): void {
    this.pause();
    for (const stop of this.#stops) stop();
    this.#map.dispose();
    this.#needs.dispose();
  }

  #needsView(): TemplateResult {
    const needed = this.#needed.value;
    if (!needed) return html`<p class="quiet">${TEXT.pointAt}</p>`;
    const { workgroup, windows, counts } = needed;
    const pixels = counts.reduce((sum, count) => sum + Math.min(count, 1), 0);
    const taps = counts.reduce((sum, count) => sum + count, 0);
    return html`<h3>${TEXT.needs(workgroup, windows.input)}</h3>
      ${this.#needs.view()}
      <p class="quiet">
        ${TEXT.needsWhy(pixels, counts.length, withUnit(pixels * windows.channels * 4, "B"), taps / Math.max(1, pixels))}
      </p>`;
  }

  /** Pixels of the input that the workgroup under the cursor needs; null where there is none. */
  #neededByPointed(): Needed | null {
    const map = this.owners.value?.maps[this.#chosen.value];
    const windows = this.#windows.value;
    const at = this.#map.at.value;
    const workgroup = at === null ? NOBODY : (map?.owners[at] ?? NOBODY);
    if (!map || !windows || workgroup === NOBODY || map.shape.length !== 4) return null;
    const [, , columns, channels] = map.shape;
    const pixels = new Set<number>();
    for (const [i, owner] of map.owners.entries()) if (owner === workgroup) pixels.add(Math.floor(i / channels));
    const places = [...pixels].map((pixel) => [Math.floor(pixel / columns), pixel % columns] as const);
    return { workgroup, windows, counts: neededBy(windows, places) };
  }

  #showNeeds({ workgroup, windows: { rows, columns, input }, counts }: Needed): void {
    const ground = paper().map((part) => Math.round(part * 255)) as unknown as Colour;
    const most = counts.reduce((a, b) => Math.max(a, b), 1);
    const colour = colourOfNumber(workgroup);
    this.#needs.show({
      label: TEXT.needs(workgroup, input),
      shape: [1, rows, columns, 1],
      colourOf: (index) =>
        counts[index] === 0 ? dimmed([128, 128, 128], ground) : counts[index] > most / 2 ? colour : dimmed(colour, ground),
      words: (index) => TEXT.neededFor(counts[index]),
    });
  }

  #count(): number {
    return this.owners.value?.workgroups.reduce((product, extent) => product * extent, 1) ?? 0;
  }

  #show(
    { workgroups }: KernelOwners,
    map: OwnerMap,
    { lit, pointed }: { readonly lit: number | null; readonly pointed: number | null },
  ): void {
    const ground = paper().map((part) => Math.round(part * 255)) as unknown as Colour;
    const { counts, colours } = colouredOf(map);
    this.#map.show({
      label: TEXT.ownerMap,
      shape: map.shape,
      colourOf(index) {
        const owner = map.owners[index];
        if (owner === NOBODY) return null;
        const colour = colours.get(owner) as Colour;
        if (lit !== null && owner >= lit) return dimmed([128, 128, 128], ground);
        return pointed !== null && owner !== pointed ? dimmed(colour, ground) : colour;
      },
      words(index) {
        const owner = map.owners[index];
        return owner === NOBODY ? TEXT.nobody : `${TEXT.workgroup(owner, workgroups)} ${TEXT.makes(counts.get(owner) ?? 0)}`;
      },
    });
  }
}

/** What a workgroup needs of the input: for each pixel the number of its outputs that depend on it. */
interface Needed {
  readonly workgroup: number;
  readonly windows: Windows;
  readonly counts: Uint32Array;
}

interface Coloured {
  readonly counts: ReadonlyMap<number, number>;
  readonly colours: ReadonlyMap<number, Colour>;
}

const known = new WeakMap<OwnerMap, Coloured>();

/** How much each workgroup makes, and its colour. */
function colouredOf(map: OwnerMap): Coloured {
  const before = known.get(map);
  if (before) return before;
  const counts = new Map<number, number>();
  for (const owner of map.owners) counts.set(owner, (counts.get(owner) ?? 0) + 1);
  const colours = new Map([...counts.keys()].map((owner) => [owner, colourOfNumber(owner)]));
  known.set(map, { counts, colours });
  return { counts, colours };
}

// The owner map: the output in the colours of the workgroups that store it, and workgroups that light up one after the other.
import { computed, effect, signal, untracked } from "@preact/signals-core";
import type { KernelOwners, OwnerMap } from "striatum/inspect";
import { html, nothing, type TemplateResult } from "lit-html";
import { paper, shownTheme } from "../../shell/theme.ts";
import { colourOfNumber, dimmed, MapView, type Colour } from "./map-view.ts";
import { TEXT } from "./text.ts";

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
    ];
  }

  /** Takes a map; none where the kernel is another one now. */
  set(owners: KernelOwners | null): void {
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
    `;
  }

  dispose(): void {
    this.pause();
    for (const stop of this.#stops) stop();
    this.#map.dispose();
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

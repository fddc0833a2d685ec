// The state of Kernel: which launch is open, what stands beside it, what was run and what is edited.
import { computed, effect, signal, untracked, type ReadonlySignal } from "@preact/signals-core";
import type { KernelFamily } from "striatum";
import type { KernelMessage, KernelTrial, LaunchSetup, Roofs } from "striatum/inspect";
import { FORMULAS } from "virtual:formulas";
import type { Page } from "../../shell/page.ts";
import type { ShownKernel, ShownSource } from "./code-view.ts";
import { OwnerView } from "./owner-view.ts";
import { definition, readable } from "./sources.ts";
import { TEXT } from "./text.ts";
import { TrialClient } from "./trial-client.ts";
import { TrialView } from "./trial-view.ts";
import { windowsOf, type Windows } from "./windows.ts";
import type * as Part from "./worker-part.ts";
import type { FamilyEntry, LaunchEntry, Of, Token } from "./worker-part.ts";

/** A kernel of the launch that is open, and its setup. */
export interface OpenKernel {
  readonly entry: LaunchEntry;
  readonly setup: LaunchSetup;
  readonly shown: ShownKernel;
}

/** What stands beside it. */
export type Beside =
  | { readonly kind: "kernel"; readonly shown: ShownKernel }
  | { readonly kind: "definition"; readonly shown: ShownSource }
  | { readonly kind: "none"; readonly why: string };

const DEFINITION = "definition";
const TRAINING = "training";

/** The state of the room, and what can be done in it. */
export class KernelRoom {
  readonly page: Page;
  /** As text, so that other parts of the address change nothing. */
  readonly #of = computed(() =>
    JSON.stringify({ choice: this.page.choice.value, training: this.page.address.value.keys["step"] === TRAINING } satisfies Of),
  );
  readonly #listed = signal<{ readonly of: Of; readonly entries: readonly LaunchEntry[] } | null>(null);
  readonly families = signal<readonly FamilyEntry[]>([]);
  readonly kernel = signal<OpenKernel | null>(null);
  readonly beside = signal<Beside | null>(null);
  /** Whether a kernel beside this one is shown as what differs. */
  readonly asDifference = signal(false);
  /** What the worker that tries kernels does now; empty where nothing. */
  readonly running = signal("");
  /** Why the last run gave nothing. */
  readonly failed = signal("");
  readonly roofs = signal<Roofs | null>(null);
  /** Runs of kernels as they are, by launch and family. */
  readonly runs = signal<ReadonlyMap<string, { readonly setup: LaunchSetup; readonly trial: KernelTrial }>>(new Map());
  /** Text that is edited; null while it is the kernel's. */
  readonly draft = signal<string | null>(null);
  readonly workgroups = signal<readonly [number, number, number]>([1, 1, 1]);
  readonly owners = new OwnerView();
  readonly result: TrialView = new TrialView((message) => this.#goTo(message));
  readonly editor = document.createElement("textarea");
  /** Whose launches are shown. */
  readonly of: ReadonlySignal<Of> = computed(() => JSON.parse(this.#of.value) as Of);
  /** Launches in order; null until they are known. */
  readonly entries: ReadonlySignal<readonly LaunchEntry[] | null> = computed(() =>
    this.#listed.value?.of === this.of.value ? this.#listed.value.entries : null,
  );
  readonly entry: ReadonlySignal<LaunchEntry | null> = computed(() => {
    const { path } = this.page.address.value;
    const entries = this.entries.value ?? [];
    const named =
      entries.find(({ id }) => id === path) ?? entries.find(({ layer }) => layer === path) ?? entries.find(({ block }) => block === path);
    // Without a name, the first convolution: what precedes it only prepares the picture.
    return named ?? entries.find(({ op }) => op === "conv2d") ?? entries[0] ?? null;
  });
  /** Whether the address names a launch that is not there. */
  readonly isUnknown: ReadonlySignal<boolean> = computed(() => {
    const { path } = this.page.address.value;
    const entries = this.entries.value;
    return path !== "" && entries !== null && !entries.some(({ id, layer, block }) => [id, layer, block].includes(path));
  });
  readonly family: ReadonlySignal<KernelFamily | null> = computed(
    () => (this.page.address.value.keys["family"] as KernelFamily | undefined) ?? this.entry.value?.family ?? null,
  );
  readonly against: ReadonlySignal<string> = computed(
    () => this.page.address.value.keys["against"] ?? (this.family.value === "textbook" ? DEFINITION : "textbook"),
  );
  readonly #part: ReturnType<typeof remoteOf>;
  readonly #trials = new TrialClient();
  readonly #drafts = new Map<string, string>();
  readonly #stops: (() => void)[];

  constructor(page: Page) {
    this.page = page;
    this.#part = remoteOf(page);
    this.#prepareEditor();
    this.#stops = [
      this.#following(async (isCurrent) => {
        void page.client.devices.value;
        const of = this.of.value;
        if (!page.network.value) return;
        const entries = await this.#part.launches(of);
        if (isCurrent()) this.#listed.value = { of, entries };
      }),
      this.#following(async (isCurrent) => {
        const entry = this.entry.value;
        const family = this.family.value;
        if (!entry || !family) return;
        const key = this.#keyOf(entry.id, family);
        untracked(() => this.#leave());
        const setup = await this.#part.setup(this.of.value, entry.id, family);
        if (!isCurrent()) return;
        if (!setup) {
          this.failed.value = TEXT.noFamily(family);
          return;
        }
        const shown = await this.#shown(setup, (tokens) => {
          const now = this.kernel.value;
          if (isCurrent() && now) this.kernel.value = { ...now, shown: { ...now.shown, tokens } };
        });
        if (!isCurrent()) return;
        this.kernel.value = { entry, setup, shown };
        this.workgroups.value = setup.workgroups;
        this.draft.value = this.#drafts.get(key) ?? null;
        this.editor.value = this.draft.value ?? shown.readable.wgsl;
      }),
      this.#following(async (isCurrent) => {
        const entry = this.entry.value;
        const against = this.against.value;
        if (!entry) return;
        this.beside.value = null;
        const found = await this.#besideOf(entry, against, isCurrent);
        if (isCurrent()) this.beside.value = found;
      }),
      this.#following(async (isCurrent) => {
        const entry = this.entry.value;
        if (!entry) return;
        const families = await this.#part.families(this.of.value, entry.id);
        if (isCurrent()) this.families.value = families;
      }),
    ];
  }

  /** The formula of the launch's op, as MathML. */
  get formula(): string {
    return FORMULAS[this.entry.value?.op ?? ""] ?? "";
  }

  /** Kernels of other families, and the definition. */
  besides(): readonly string[] {
    const own = this.family.value;
    return [...this.families.value.map(({ family }) => family).filter((family) => family !== own), DEFINITION];
  }

  runOf(family: string): { readonly setup: LaunchSetup; readonly trial: KernelTrial } | undefined {
    return this.runs.value.get(this.#keyOf(this.entry.value?.id ?? "", family));
  }

  openLaunch(id: string): void {
    this.page.go({ path: id, keys: { family: "", against: "" } });
  }

  /** The launches of a pass, or of a training step. */
  openStep(training: boolean): void {
    this.page.go({ path: "", keys: { step: training ? TRAINING : "", family: "", against: "" } });
  }

  /** The launch before or after the one that is open. */
  openNext(by: number): void {
    const entries = this.entries.value ?? [];
    const at = entries.findIndex(({ id }) => id === this.entry.value?.id);
    const next = entries[at + by];
    if (next) this.openLaunch(next.id);
  }

  openFamily(family: string): void {
    this.page.go({ path: this.entry.value?.id ?? "", keys: { family: family === this.entry.value?.family ? "" : family, against: "" } });
  }

  openNextFamily(): void {
    const names = this.families.value.map(({ family }) => family);
    const at = names.indexOf(this.family.value as KernelFamily);
    if (names.length > 0) this.openFamily(names[(at + 1) % names.length]);
  }

  openBeside(against: string): void {
    this.page.go({ keys: { against } });
  }

  openNextBeside(): void {
    const all = this.besides();
    this.openBeside(all[(all.indexOf(this.against.value) + 1) % all.length]);
  }

  /** Runs the kernel as it is. */
  async run(): Promise<void> {
    const { kernel } = this;
    const open = kernel.value;
    if (open) await this.#alone(TEXT.running, () => this.#measure(open.setup));
  }

  async runAll(): Promise<void> {
    const entry = this.entry.value;
    if (!entry) return;
    for (const { family } of this.families.value) {
      if (this.runOf(family)) continue;
      const done = await this.#alone(`${TEXT.running}: ${family}`, async () => {
        const setup = await this.#part.setup(this.of.value, entry.id, family);
        if (setup) await this.#measure(setup);
      });
      if (!done) return;
    }
  }

  async askOwners(): Promise<void> {
    const open = this.kernel.value;
    if (!open) return;
    await this.#alone(TEXT.ownersBusy, async () => {
      const owners = await this.#trials.owners(open.setup);
      if (this.kernel.value?.setup === open.setup) this.owners.set(owners, this.#windows(open.entry));
    });
  }

  async measureRoofs(): Promise<void> {
    await this.page.attempt(async () => (this.roofs.value = await this.#part.roofs(this.page.choice.value)));
  }

  /** Tries the text as it is edited. */
  async tryDraft(): Promise<void> {
    const open = this.kernel.value;
    if (!open) return;
    const { setup, shown } = open;
    const { wgsl, lines } = shown.readable;
    const asShown = { ...setup, kernel: { ...setup.kernel, wgsl, origins: lines.map(({ file, line }) => ({ file, line })) } };
    await this.#alone(TEXT.running, async () => {
      const trial = await this.#trials.try(asShown, { wgsl: this.editor.value, workgroups: this.workgroups.value });
      if (this.kernel.value?.setup === setup) this.result.set(trial);
    });
  }

  restart(): void {
    const open = this.kernel.value;
    if (!open) return;
    this.editor.value = open.shown.readable.wgsl;
    this.#drafts.delete(this.#keyOf(open.setup.launch, open.setup.family));
    this.draft.value = null;
    this.workgroups.value = open.setup.workgroups;
    this.result.set(null);
  }

  stop(): void {
    this.#trials.stop();
  }

  close(): void {
    for (const stop of this.#stops) stop();
    this.#trials.stop();
    void this.#part.close();
    this.owners.dispose();
    this.result.dispose();
  }

  /** Windows of a launch of a pass on its input; null where its op has none. */
  #windows(entry: LaunchEntry): Windows | null {
    const network = this.page.network.value;
    return network && !this.of.value.training ? windowsOf(network.layers, network.parameters, entry) : null;
  }

  #keyOf(launch: string, family: string): string {
    return `${this.#of.value} ${launch} ${family}`;
  }

  /** What belongs to the kernel that was open. */
  #leave(): void {
    if (this.running.value) this.stop();
    this.failed.value = "";
    this.kernel.value = null;
    this.owners.set(null);
    this.result.set(null);
  }

  /** Runs `work` and again whenever a signal changes that it read before it first waited. */
  #following(work: (isCurrent: () => boolean) => Promise<void>): () => void {
    let asked = 0;
    const stop = effect(() => {
      const number = ++asked;
      void this.page.attempt(() => work(() => number === asked));
    });
    return () => {
      asked++;
      stop();
    };
  }

  /** Whether it was done. */
  async #alone(what: string, work: () => Promise<void>): Promise<boolean> {
    if (this.running.value) return false;
    this.running.value = what;
    this.failed.value = "";
    try {
      await work();
      return true;
    } catch (error) {
      this.failed.value = (error as Error).message;
      return false;
    } finally {
      this.running.value = "";
    }
  }

  async #measure(setup: LaunchSetup): Promise<void> {
    const key = this.#keyOf(setup.launch, setup.family);
    const trial = await this.#trials.try(setup, { wgsl: setup.kernel.wgsl });
    this.runs.value = new Map([...this.runs.value, [key, { setup, trial }]]);
  }

  /** A kernel to be shown at once, in colours once they are there. */
  async #shown({ kernel }: LaunchSetup, coloured: (tokens: readonly (readonly Token[])[]) => void): Promise<ShownKernel> {
    const text = await readable(kernel);
    void this.page.attempt(async () => coloured(await this.#part.highlight(text.wgsl, "wgsl")));
    return { name: kernel.name, file: kernel.file, slots: kernel.slots, readable: text, tokens: null };
  }

  async #besideOf(entry: LaunchEntry, against: string, isCurrent: () => boolean): Promise<Beside> {
    const coloured = (tokens: readonly (readonly Token[])[]): void => {
      const now = this.beside.value;
      if (!isCurrent() || !now) return;
      if (now.kind === "definition") this.beside.value = { ...now, shown: { ...now.shown, tokens } };
      if (now.kind === "kernel") this.beside.value = { ...now, shown: { ...now.shown, tokens } };
    };
    if (against === DEFINITION) {
      const { file, text } = await definition(entry.op);
      void this.page.attempt(async () => coloured(await this.#part.highlight(text, "typescript")));
      return { kind: "definition", shown: { file, text, tokens: null } };
    }
    const setup = await this.#part.setup(this.of.value, entry.id, against as KernelFamily);
    if (!setup) return { kind: "none", why: TEXT.noFamily(against) };
    return { kind: "kernel", shown: await this.#shown(setup, coloured) };
  }

  #prepareEditor(): void {
    const { editor } = this;
    editor.className = "editor";
    editor.spellcheck = false;
    editor.wrap = "off";
    editor.setAttribute("aria-label", TEXT.editor);
    editor.addEventListener("input", () => {
      const open = this.kernel.value;
      if (!open) return;
      this.#drafts.set(this.#keyOf(open.setup.launch, open.setup.family), editor.value);
      this.draft.value = editor.value;
    });
    editor.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        void this.tryDraft();
      }
    });
  }

  /** Marks a message's line in the text. */
  #goTo({ line }: KernelMessage): void {
    const lines = this.editor.value.split("\n");
    const start = lines.slice(0, line - 1).reduce((sum, { length }) => sum + length + 1, 0);
    this.editor.focus();
    this.editor.setSelectionRange(start, start + (lines[line - 1]?.length ?? 0));
    // A text area does not scroll to its selection.
    this.editor.scrollTop = ((line - 4) / lines.length) * this.editor.scrollHeight;
  }
}

const remoteOf = (page: Page) => page.client.remote<typeof Part>("kernel");

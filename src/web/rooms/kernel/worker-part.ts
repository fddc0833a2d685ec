// The worker part of Kernel: launches of the network that is open, setups of their kernels, roofs, and colours for code.
import { alexnet, googlenet, type KernelFamily, type ModelFamily } from "striatum";
import { microscope, type LaunchSetup, type Microscope, type Roofs } from "striatum/inspect";
import type { Choice, Lab } from "../../worker/lab.ts";

/** A launch as the room lists it. */
export interface LaunchEntry {
  readonly id: string;
  readonly layer: string;
  readonly block: string;
  readonly op: string;
  readonly stage: string;
  readonly family: KernelFamily;
  readonly kernel: string;
  /** What its variables hold. */
  readonly holds: Readonly<Record<string, { readonly value: string; readonly shape: readonly number[] }>>;
}

/** A family that can compute a launch's layer, and the names of its kernels. */
export interface FamilyEntry {
  readonly family: KernelFamily;
  readonly kernels: readonly string[];
}

/** Whose launches: a pass of the network that is open, or a training step of one of its sizes. */
export interface Of {
  readonly choice: Choice;
  readonly training: boolean;
}

const FAMILIES: Readonly<Record<string, { readonly family: ModelFamily; readonly firstOutputs: number }>> = {
  alexnet: { family: alexnet, firstOutputs: 96 },
  googlenet: { family: googlenet, firstOutputs: 64 },
};
/** Pictures of a training step: enough for each kernel to have more than one. */
const BATCH = 2;

let learning: { readonly key: string; readonly opening: Promise<{ readonly scope: Microscope; dispose(): void }> } | null = null;

async function scopeOf(lab: Lab, { choice, training }: Of): Promise<Microscope> {
  if (!training) return (await lab.network(choice)).scope;
  const key = JSON.stringify(choice);
  if (learning?.key !== key) {
    await close();
    const opening = lab.working("planning a training step", () => learn(lab, choice));
    learning = { key, opening };
    opening.catch(() => (learning = null));
  }
  return (await learning.opening).scope;
}

async function learn(lab: Lab, choice: Choice): Promise<{ readonly scope: Microscope; dispose(): void }> {
  const [{ openTrainer }, { net, scope }] = await Promise.all([import("striatum/trainer"), lab.network(choice)]);
  const known = FAMILIES[choice.net];
  if (!known) throw new Error("a training step can be opened of AlexNet and of GoogLeNet");
  const size = scope.layers[0].shape[2];
  const model = known.family({ classes: net.labels.length, width: scope.parameters[0].shape[0] / known.firstOutputs, size });
  const image = { shape: [3, size, size], data: new Uint8Array(3 * size * size) };
  const samples = Array.from({ length: BATCH }, (_, i) => ({ image, label: net.labels[i % net.labels.length] }));
  const trainer = await openTrainer(await lab.device(), model, { samples, labels: net.labels, batch: BATCH });
  return { scope: microscope(trainer), dispose: () => trainer.dispose() };
}

/** Frees what a training step took. */
export async function close(): Promise<void> {
  const before = learning;
  learning = null;
  await before?.opening.then((opened) => opened.dispose()).catch(() => undefined);
}

export async function launches(lab: Lab, of: Of): Promise<LaunchEntry[]> {
  const scope = await scopeOf(lab, of);
  return scope.plan().launches.map(({ id, layer, block, op, stage, family, kernel, bindings }) => ({
    id,
    layer,
    block,
    op,
    stage,
    family,
    kernel: kernel.name,
    holds: Object.fromEntries(bindings.flatMap(({ variable, value, shape }) => (value === null ? [] : [[variable, { value, shape }]]))),
  }));
}

/** A launch by itself, for the worker that tries kernels. Null where the family cannot compute it. */
export async function setup(lab: Lab, of: Of, launch: string, family: KernelFamily): Promise<LaunchSetup | null> {
  const scope = await scopeOf(lab, of);
  return scope.setup(launch, family);
}

export async function families(lab: Lab, of: Of, launch: string): Promise<FamilyEntry[]> {
  const scope = await scopeOf(lab, of);
  return (await scope.families(launch)).map(({ family, kernels }) => ({ family, kernels: kernels.map(({ name }) => name) }));
}

/** Roofs of the adapter, measured at the first call. */
export async function roofs(lab: Lab, choice: Choice): Promise<Roofs> {
  const { scope } = await lab.network(choice);
  return lab.working("measuring the roofs", () => scope.roofs());
}

/** A piece of a line and what it is: "keyword", "comment". */
export type Token = readonly [text: string, kind: string];

let highlighter: Promise<(code: string, language: string) => Token[][]> | null = null;

/** Lines of code as tokens. */
export async function highlight(_lab: Lab, code: string, language: "wgsl" | "typescript"): Promise<Token[][]> {
  highlighter ??= openHighlighter();
  return (await highlighter)(code, language);
}

async function openHighlighter(): Promise<(code: string, language: string) => Token[][]> {
  const [{ createHighlighterCore, createCssVariablesTheme }, { createJavaScriptRegexEngine }, wgsl, typescript] = await Promise.all([
    import("@shikijs/core"),
    import("@shikijs/engine-javascript"),
    import("@shikijs/langs/wgsl"),
    import("@shikijs/langs/typescript"),
  ]);
  const theme = createCssVariablesTheme({ name: "classes", variablePrefix: "--code-", variableDefaults: {}, fontStyle: false });
  const made = await createHighlighterCore({
    themes: [theme],
    langs: [wgsl.default, typescript.default],
    engine: createJavaScriptRegexEngine({ forgiving: true }),
  });
  return (code, lang) =>
    made
      .codeToTokens(code, { lang, theme: "classes" })
      .tokens.map((line) =>
        line.map(({ content, color = "" }): Token => [content, /--code-(?:token-)?([\w-]+)/.exec(color)?.[1] ?? "plain"]),
      );
}

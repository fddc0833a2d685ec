// The worker part of Kernel: launches of the network that is open, setups of their kernels, roofs, and colours for code.
import type { KernelFamily } from "striatum";
import type { LaunchSetup, Roofs } from "striatum/inspect";
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

export async function launches(lab: Lab, choice: Choice): Promise<LaunchEntry[]> {
  const { scope } = await lab.network(choice);
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
export async function setup(lab: Lab, choice: Choice, launch: string, family: KernelFamily): Promise<LaunchSetup | null> {
  const { scope } = await lab.network(choice);
  return scope.setup(launch, family);
}

export async function families(lab: Lab, choice: Choice, launch: string): Promise<FamilyEntry[]> {
  const { scope } = await lab.network(choice);
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

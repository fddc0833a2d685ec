// Reads the disassembly that Mesa's AMD compiler reports: basic blocks, loops, and kinds of instructions.

/**
 * What an instruction is. `multiplyAdd` is one or two f32 products added to sums; `matrix` a product of a subgroup's matrices; `valu` any other
 * vector instruction; `load` and `store` reach memory; `lds` workgroup memory; `scalarLoad` constants and descriptors; `wait` the end of a load.
 */
export const KINDS = [
  "multiplyAdd",
  "matrix",
  "valu",
  "lds",
  "load",
  "store",
  "scalarLoad",
  "salu",
  "wait",
  "barrier",
  "branch",
  "hint",
] as const;
export type Kind = (typeof KINDS)[number];

export interface Instruction {
  readonly name: string;
  readonly kind: Kind;
  readonly operands: string;
  /** Products that it adds to sums, in each lane. */
  readonly multiplyAdds: number;
  /** Label of the block that a branch goes to. */
  readonly target?: number;
}

export interface Block {
  readonly label: number;
  readonly instructions: readonly Instruction[];
}

/** A loop: the places of its first and last block in the list of all. */
export interface Loop {
  readonly from: number;
  readonly to: number;
}

const MULTIPLY_ADD = /_(fma|fmac|fmaak|fmamk|mac|mad|madak|madmk)_(legacy_)?f32|_fma_mix_f32/g;

/** Order matters: the first match decides. */
const PATTERNS: readonly (readonly [Kind, RegExp])[] = [
  ["matrix", /^v_(wmma|swmmac|mfma)/],
  ["valu", /^v_/],
  ["lds", /^ds_/],
  ["store", /^(buffer|global|flat|scratch|image)_(store|atomic)/],
  ["load", /^(buffer|global|flat|scratch|image)_(load|gather)/],
  ["scalarLoad", /^s_(buffer_)?load/],
  ["barrier", /^s_barrier/],
  ["wait", /^s_wait/],
  ["branch", /^s_c?branch/],
  ["hint", /^s_(delay_alu|nop|clause|sendmsg|inst_prefetch|set_inst_prefetch_distance|sleep|setprio|endpgm)/],
  ["salu", /^s_/],
];

/** Throws at an instruction of no known kind. */
function instructionOf(name: string, operands: string): Instruction {
  const text = `${name} ${operands}`;
  const products = (text.match(MULTIPLY_ADD) ?? []).length;
  // Packed instructions work on two elements; of two in one word ("v_dual_fmac_f32 ... :: v_dual_fmac_f32 ...") each was counted.
  const multiplyAdds = name.startsWith("v_pk_") ? 2 * products : products;
  if (multiplyAdds > 0) return { name, kind: "multiplyAdd", operands, multiplyAdds };
  const kind = PATTERNS.find(([, pattern]) => pattern.test(name))?.[0];
  if (kind === undefined) throw new Error(`the assembly has an instruction of no known kind: ${text}`);
  const target = kind === "branch" ? /\bBB(\d+)/.exec(operands)?.[1] : undefined;
  return { name, kind, operands, multiplyAdds: 0, ...(target !== undefined && { target: Number(target) }) };
}

/** The basic blocks in the order of the text. Empty where the text is no disassembly, as for GPUs that the installed LLVM does not know. */
export function blocksOf(assembly: string): Block[] {
  const blocks: { label: number; instructions: Instruction[] }[] = [];
  for (const line of assembly.split("\n")) {
    const label = /^BB(\d+):/.exec(line)?.[1];
    if (label !== undefined) blocks.push({ label: Number(label), instructions: [] });
    const current = blocks.at(-1)?.instructions;
    if (!current) continue;
    const [, repeats] = /^\t\(then repeated (\d+) times\)/.exec(line) ?? [];
    const last = current.at(-1);
    if (repeats !== undefined && last) current.push(...Array.from({ length: Number(repeats) }, () => last));
    const [, name, operands] = /^\t([a-z]\w+)\s*(.*?)\s*(?:;.*)?$/.exec(line) ?? [];
    if (name !== undefined) current.push(instructionOf(name, operands));
  }
  return blocks;
}

/** Loops, each from a block to the last that branches back to it; inner ones first. */
export function loopsOf(blocks: readonly Block[]): Loop[] {
  const places = new Map(blocks.map(({ label }, place) => [label, place]));
  const ends = new Map<number, number>();
  blocks.forEach(({ instructions }, place) => {
    for (const { target } of instructions) {
      const from = target === undefined ? undefined : places.get(target);
      if (from !== undefined && from <= place) ends.set(from, place);
    }
  });
  return [...ends].map(([from, to]) => ({ from, to })).sort((a, b) => a.to - a.from - (b.to - b.from));
}

export const instructionsIn = (blocks: readonly Block[], { from, to }: Loop): Instruction[] =>
  blocks.slice(from, to + 1).flatMap(({ instructions }) => instructions);

/** Number of instructions of each kind. */
export type Mix = Readonly<Record<Kind, number>>;

export function mixOf(instructions: readonly Instruction[]): Mix {
  const mix = Object.fromEntries(KINDS.map((kind) => [kind, 0])) as Record<Kind, number>;
  for (const { kind } of instructions) mix[kind]++;
  return mix;
}

export const multiplyAddsIn = (instructions: readonly Instruction[]): number =>
  instructions.reduce((sum, { multiplyAdds }) => sum + multiplyAdds, 0);

/** Products of matrices count as work as products of numbers do. */
const isWork = ({ kind }: Instruction): boolean => kind === "multiplyAdd" || kind === "matrix";

/**
 * Waits for loads that nothing hides, in one turn of a loop (`cyclic`) or in a text that runs once: those that end the wait for a load which was issued
 * after the last such wait, with less than a quarter of the text's multiply-adds between issue and wait. Loads issued together count once. Both arms
 * of a branch count, as a subgroup whose lanes differ runs both.
 */
export function exposedWaits(instructions: readonly Instruction[], cyclic: boolean): number {
  const hidden = instructions.filter(isWork).length / 4;
  const pending: { readonly at: number; readonly work: number }[] = [];
  let [work, lastExposed, exposed] = [0, -1, 0];
  // The second turn meets what the first one left pending.
  const turns = cyclic ? 2 : 1;
  for (let at = 0; at < turns * instructions.length; at++) {
    const instruction = instructions[at % instructions.length];
    if (isWork(instruction)) work++;
    if (instruction.kind === "load") pending.push({ at, work });
    const left = /^s_waitcnt$/.test(instruction.name) ? /\bvmcnt\((\d+)\)/.exec(instruction.operands)?.[1] : undefined;
    if (left === undefined) continue;
    const ended = pending.splice(0, Math.max(0, pending.length - Number(left)));
    if (!ended.some((load) => load.at > lastExposed && work - load.work <= hidden)) continue;
    lastExposed = at;
    if (at >= (turns - 1) * instructions.length) exposed++;
  }
  return exposed;
}

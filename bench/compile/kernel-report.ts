// What the driver's compiler made of one kernel, in numbers. docs/compiled-kernels.md says what each means.
import { blocksOf, exposedWaits, instructionsIn, loopsOf, mixOf, multiplyAddsIn, type Block, type Loop, type Mix } from "./assembly.ts";
import type { CompiledPipeline } from "./compile.ts";

/** The loop that sums a kernel's products. */
export interface LoopReport {
  /** Blocks with vector instructions. 1: no branch inside. */
  readonly blocks: number;
  /** Products added to sums by each lane in one turn. */
  readonly multiplyAdds: number;
  readonly instructions: number;
  readonly mix: Mix;
  /** Turns of an inner loop that the compiler kept, counted in `mix`; 1 where there is none. */
  readonly innerTurns: number;
  readonly exposedWaits: number;
  /** Vector instructions that multiply and add, of all vector instructions: the share of the GPU's rate that this mix allows. */
  readonly rate: number;
}

export interface KernelReport {
  readonly kernel: string;
  /** Number of the driver's texts, `N.asm.txt` and others. */
  readonly n: number;
  readonly lanes: number;
  readonly vectorRegisters: number;
  readonly scalarRegisters: number;
  readonly spills: number;
  readonly scratchBytes: number;
  readonly workgroupMemoryBytes: number;
  /** Subgroups that one SIMD holds at once. */
  readonly subgroups: number;
  readonly codeBytes: number;
  readonly mix: Mix;
  /** Loads that are waited for one after another in the whole text; each loop's once. */
  readonly exposedWaits: number;
  readonly loop: LoopReport | null;
}

/** `multiplyAdds`: how many one turn of the loop has by the kernel's source, where known; it gives the turns of an inner loop. */
export function reportOf({ name, n, statistics, assembly }: CompiledPipeline, rdna: boolean, multiplyAdds?: number): KernelReport {
  const blocks = blocksOf(assembly);
  const all = blocks.flatMap(({ instructions }) => instructions);
  const lanes = statistics["Subgroup size"];
  return {
    kernel: name,
    n,
    lanes,
    vectorRegisters: statistics["VGPRs"],
    scalarRegisters: statistics["SGPRs"],
    spills: statistics["Spilled VGPRs"] + statistics["Spilled SGPRs"],
    scratchBytes: statistics["Scratch size"],
    workgroupMemoryBytes: statistics["LDS size"],
    // On RDNA, Mesa counts subgroups of 32 lanes.
    subgroups: statistics["Subgroups per SIMD"] / (rdna ? lanes / 32 : 1),
    codeBytes: statistics["Code size"],
    mix: mixOf(all),
    exposedWaits: exposedWaits(all, false),
    loop: loopReport(blocks, multiplyAdds),
  };
}

/** Null where no loop multiplies and adds. */
function loopReport(blocks: readonly Block[], asked: number | undefined): LoopReport | null {
  const loops = loopsOf(blocks);
  const workIn = (loop: Loop): number => {
    const instructions = instructionsIn(blocks, loop);
    return multiplyAddsIn(instructions) + mixOf(instructions).matrix;
  };
  // The innermost of those with the most work.
  const inner = loops.reduce<Loop | null>((best, loop) => (workIn(loop) > (best ? workIn(best) : 0) ? loop : best), null);
  if (!inner) return null;
  const hasLoads = (loop: Loop): boolean => mixOf(instructionsIn(blocks, loop)).load > 0;
  // Where the compiler kept a loop over what is in workgroup memory, one turn is the loop around it.
  const around = loops.find((loop) => loop.from <= inner.from && loop.to >= inner.to && hasLoads(loop)) ?? inner;
  const instructions = instructionsIn(blocks, around);
  const innerInstructions = instructionsIn(blocks, inner);
  const once = multiplyAddsIn(innerInstructions);
  const innerTurns = around === inner || !asked || once === 0 ? 1 : asked / once;
  const times = (whole: number, part: number): number => whole + (innerTurns - 1) * part;
  const [whole, part] = [mixOf(instructions), mixOf(innerInstructions)];
  const mix = Object.fromEntries(Object.entries(whole).map(([kind, count]) => [kind, times(count, part[kind as keyof Mix])])) as Mix;
  return {
    blocks: blocks.slice(around.from, around.to + 1).filter(isVector).length,
    multiplyAdds: times(multiplyAddsIn(instructions), once),
    instructions: times(instructions.length, innerInstructions.length),
    mix,
    innerTurns,
    exposedWaits: exposedWaits(instructions, true),
    rate: mix.multiplyAdd / Math.max(1, mix.multiplyAdd + mix.valu + mix.matrix),
  };
}

const isVector = ({ instructions }: Block): boolean =>
  instructions.some(({ kind }) => ["multiplyAdd", "matrix", "valu", "lds", "load", "store"].includes(kind));

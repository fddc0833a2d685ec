// A kernel that cannot hang and that counts what it does outside its arrays: every loop ends after a number of rounds, and every index into a storage array
// is compared with the array's length. WebGPU itself only keeps such accesses from doing harm, and runs an endless loop until the driver is reset.
import { closing, entryPoint, loopsOf, nextUse, parameterNames, storageArrays, withoutComments, type Loop } from "./wgsl-text.ts";

export interface GuardVariant {
  readonly wgsl: string;
  /** Storage arrays in the order of their counts. */
  readonly arrays: readonly string[];
}

/** Words of the buffer that a guarded kernel is bound to, before the counts of its arrays. */
export const GUARD = { ended: 0, rounds: 1, counts: 2 } as const;

export interface GuardOptions {
  /** Binding of the guard's buffer. */
  readonly binding: number;
  /** Rounds of all loops of an invocation together, or of one loop that has a barrier in it. */
  readonly rounds: number;
  /**
   * Whether every loop counts its own rounds. A loop with a barrier must, since all invocations have to leave it together, and some kernels compile only if all
   * do.
   */
  readonly apart?: boolean;
}

/** Rewrites a kernel. Throws an Error where it has no entry point or brackets do not match. */
export function guardVariant(wgsl: string, { binding, rounds, apart = false }: GuardOptions): GuardVariant {
  const code = withoutComments(wgsl);
  const arrays = storageArrays(code).map(({ name }) => name);
  const text = withCheckedIndices(withEndingLoops(withOuterEntry(code), apart), arrays);
  return {
    arrays,
    wgsl: [
      text,
      `@group(0) @binding(${binding}) var<storage, read_write> guard: array<atomic<u32>, ${GUARD.counts + arrays.length}>;`,
      "var<private> guardRounds: u32;",
      `fn guardSpent() -> bool { guardRounds++; if (guardRounds > ${rounds}u) { atomicStore(&guard[${GUARD.ended}], 1u); return true; } return false; }`,
      `fn guardEnd(rounds: u32) -> bool { guardRounds++; if (rounds > ${rounds}u) { atomicStore(&guard[${GUARD.ended}], 1u); } return rounds > ${rounds}u; }`,
      // What has ended once is over: the invocations that follow leave their loops at once.
      `fn guardBegin() { guardRounds = select(0u, ${rounds}u, atomicLoad(&guard[${GUARD.ended}]) != 0u); }`,
      ...arrays.flatMap((name) => [
        `var<private> guardOutside_${name}: u32;`,
        `fn guarded_${name}(i: u32) -> u32 { guardOutside_${name} += select(0u, 1u, i >= arrayLength(&${name})); return i; }`,
      ]),
      `fn guardClose() { atomicMax(&guard[${GUARD.rounds}], guardRounds); ${arrays
        .map((name, i) => `if (guardOutside_${name} > 0u) { atomicAdd(&guard[${GUARD.counts + i}], guardOutside_${name}); }`)
        .join(" ")} }`,
    ].join("\n"),
  };
}

/** The entry point under another name, and one that calls it and then writes down what was counted. */
function withOuterEntry(code: string): string {
  const { start, functionStart, parametersStart, parametersEnd } = entryPoint(code);
  const parameters = code.slice(parametersStart, parametersEnd);
  // Only an entry point has built-in values.
  const plain = parameters.replaceAll(/@\w+\s*\([^)]*\)\s*/g, (attribute) => attribute.replaceAll(/[^\n]/g, ""));
  const blank = code.slice(start, functionStart).replaceAll(/[^\n]/g, "");
  const inner = `${code.slice(0, start)}${blank}fn guardedMain(${plain}${code.slice(parametersEnd)}`;
  const outer = `${code.slice(start, functionStart)}fn main(${parameters}) { guardBegin(); guardedMain(${parameterNames(plain).join(", ")}); guardClose(); }`;
  return `${inner}\n${outer.replaceAll("\n", " ")}`;
}

/** Calls that all invocations of a workgroup or of a subgroup make together. */
const TOGETHER = /\b(workgroupBarrier|storageBarrier|textureBarrier|workgroupUniformLoad|subgroup\w+|quad\w+)\s*(?:<[^>]*>)?\s*\(/;

/** Every loop with a test at the head of its body, but those that count to a constant. */
function withEndingLoops(code: string, apart: boolean): string {
  const together = functionsTogether(code);
  const insertions: { readonly at: number; readonly text: string }[] = [];
  loopsOf(code).forEach((loop, i) => {
    const { start, header, bodyStart, bodyEnd } = loop;
    if (countsToConstant(code, loop)) return;
    const body = header + code.slice(bodyStart, bodyEnd);
    if (apart || TOGETHER.test(body) || together.some((name) => new RegExp(`\\b${name}\\s*\\(`).test(body)))
      insertions.push(
        { at: start, text: `{ var guardLoop${i} = 0u; ` },
        { at: bodyStart, text: ` guardLoop${i}++; if (guardEnd(guardLoop${i})) { break; } ` },
        { at: bodyEnd + 1, text: " }" },
      );
    else insertions.push({ at: bodyStart, text: " if (guardSpent()) { break; } " });
  });
  let text = "";
  let from = 0;
  for (const { at, text: inserted } of insertions.toSorted((a, b) => a.at - b.at)) {
    text += code.slice(from, at) + inserted;
    from = at;
  }
  return text + code.slice(from);
}

/** Functions that make such a call, themselves or through others. */
function functionsTogether(code: string): string[] {
  const bodies = [...code.matchAll(/\bfn\s+(\w+)\s*\(/g)].map(({ index, 0: head, 1: name }) => {
    const open = code.indexOf("{", closing(code, index + head.length - 1));
    return { name, body: code.slice(open, closing(code, open)) };
  });
  const found = new Set<string>();
  for (let before = -1; before < found.size;) {
    before = found.size;
    for (const { name, body } of bodies)
      if (TOGETHER.test(body) || [...found].some((other) => new RegExp(`\\b${other}\\s*\\(`).test(body))) found.add(name);
  }
  return [...found];
}

/** Whether a loop counts up to a constant by a counter that nothing else changes: drivers unroll such loops, and they end. */
function countsToConstant(code: string, { header, bodyStart, bodyEnd }: Loop): boolean {
  const [, counter, bound, , step] =
    /^\s*var\s+(\w+)\s*(?::\s*\w+\s*)?=\s*[\w\s]+;\s*\1\s*<=?\s*([\w\s*/+()]+);\s*\1\s*(\+\+|\+=\s*(\w+)\s*)\s*$/.exec(header) ?? [];
  if (counter === undefined) return false;
  const constants = new Set([...code.matchAll(/\bconst\s+(\w+)/g)].map(([, name]) => name));
  const isConstant = (words: string): boolean =>
    (words.match(/[A-Za-z_]\w*/g) ?? []).every((word) => constants.has(word) || word === "u32");
  if (!isConstant(bound) || (step !== undefined && !isConstant(step))) return false;
  const body = code.slice(bodyStart, bodyEnd);
  return !new RegExp(`&\\s*${counter}\\b|\\b${counter}\\s*(\\+\\+|--|[-+*/%&|^]?=(?!=)|<<=|>>=)`).test(body);
}

/** Every index into a storage array through a function that compares it with the length. */
function withCheckedIndices(code: string, arrays: readonly string[]): string {
  let text = "";
  let from = 0;
  for (let use = nextUse(code, arrays, from); use; use = nextUse(code, arrays, from)) {
    const index = withCheckedIndices(code.slice(use.indexStart, use.indexEnd), arrays);
    text += `${code.slice(from, use.indexStart)}guarded_${use.name}(u32(${index}))]`;
    from = use.end;
  }
  return text + code.slice(from);
}

// Storage in 16 bits, for any shader: rewrites a linked text so that some of its storage variables hold packed half floats, two in a u32. Whatever
// is loaded is unpacked at once and whatever is stored is packed last, so sums stay f32 and kernels are written, read and judged as they are. Packing by
// unpack2x16float and pack2x16float is core WGSL: no adapter needs the feature shader-f16.

/** The module that stores values in 16 bits, imported lazily so that inference bundles do not carry it. */
export type Halves = Pick<typeof import("./halves.ts"), "pack" | "packable">;

/** The packed element of a vector type; scalars cannot be packed, since two invocations would write one word. */
const PACKED: Readonly<Record<string, string>> = { vec4f: "vec2u", vec2f: "u32" };

/** Conversions from and to packed words; half floats end at 65504, and larger magnitudes are stored as that. */
const FUNCTIONS: Readonly<Record<string, string>> = {
  vec4f: `fn unpackedHalves4(bits: vec2u) -> vec4f { return vec4f(unpack2x16float(bits.x), unpack2x16float(bits.y)); }
fn packedHalves4(value: vec4f) -> vec2u {
  let inside = clamp(value, vec4f(-65504), vec4f(65504));
  return vec2u(pack2x16float(inside.xy), pack2x16float(inside.zw));
}`,
  vec2f: `fn unpackedHalves2(bits: u32) -> vec2f { return unpack2x16float(bits); }
fn packedHalves2(value: vec2f) -> u32 { return pack2x16float(clamp(value, vec2f(-65504), vec2f(65504))); }`,
};

const declarationOf = (name: string): RegExp =>
  new RegExp(`(var<\\s*storage\\s*,\\s*\\w+\\s*>\\s*${name}\\s*:\\s*array<\\s*)(\\w+)(\\s*>)`);

/** What an array of this text has as its elements, aliases looked up; null if it has no such array. */
function elementOf(code: string, name: string): string | null {
  const written = declarationOf(name).exec(code)?.[2];
  if (written === undefined) return null;
  return new RegExp(`^\\s*alias\\s+${written}\\s*=\\s*(\\w+)\\s*;`, "m").exec(code)?.[1] ?? written;
}

/** Whether a storage variable of a linked text may hold half floats: its elements are vectors, and every use loads or stores a whole one. */
export function packable(code: string, name: string): boolean {
  const element = elementOf(code, name);
  if (element === null || !(element in PACKED)) return false;
  return usesOf(withoutComments(code), name).every(({ kind }) => kind !== "other");
}

/** The text with the variables `names` packed. Lines stay where they are; the functions that it now calls stand at its end. */
export function pack(code: string, names: readonly string[]): string {
  const text = withoutComments(code);
  const elements = new Map(names.map((name) => [name, elementOf(text, name)] as const));
  // Stores come first: at one place, the enclosing text is inserted before the enclosed.
  const [stores, loads]: Insertion[][] = [[], []];
  for (const [name, element] of elements) {
    if (element === null || !packable(text, name)) throw new Error(`internal: "${name}" cannot be stored in 16 bits`);
    const lanes = element === "vec4f" ? 4 : 2;
    for (const { kind, start, end, stop } of usesOf(text, name)) {
      if (kind === "store") stores.push({ at: text.indexOf("=", end) + 1, text: ` packedHalves${lanes}(` }, { at: stop, text: ")" });
      else loads.push({ at: start, text: `unpackedHalves${lanes}(` }, { at: end, text: ")" });
    }
  }
  let packed = "";
  let from = 0;
  for (const { at, text: inserted } of [...stores, ...loads].toSorted((a, b) => a.at - b.at)) {
    packed += text.slice(from, at) + inserted;
    from = at;
  }
  packed += text.slice(from);
  for (const [name, element] of elements)
    packed = packed.replace(
      declarationOf(name),
      (_, head: string, _element: string, tail: string) => head + PACKED[element as string] + tail,
    );
  return [packed, ...new Set([...elements.values()].map((element) => FUNCTIONS[element as string]))].join("\n");
}

interface Insertion {
  readonly at: number;
  readonly text: string;
}

interface Use {
  readonly kind: "load" | "store" | "other";
  /** Start and end of `name[index]`. */
  readonly start: number;
  readonly end: number;
  /** End of a store's statement. */
  readonly stop: number;
}

/** Every use of an array but its declaration, in order. */
function usesOf(code: string, name: string): Use[] {
  const uses: Use[] = [];
  for (const { index: start, 0: match } of code.matchAll(new RegExp(`(?<![\\w.])${name}\\b(?!\\s*:)\\s*`, "g"))) {
    const open = start + match.length;
    if (code[open] !== "[") {
      uses.push({ kind: "other", start, end: open, stop: open });
      continue;
    }
    const end = closing(code, open) + 1;
    const after = /^\s*([-+*/]?=(?!=))?/.exec(code.slice(end))?.[1];
    const reference = /&\s*$/.test(code.slice(0, start)) && !/&&\s*$/.test(code.slice(0, start));
    const part = /^\s*(\.\w+|\[[^\]]*\])\s*=(?!=)/.test(code.slice(end));
    if (after === undefined && !reference && !part) uses.push({ kind: "load", start, end, stop: end });
    else if (after === "=") uses.push({ kind: "store", start, end, stop: code.indexOf(";", end) });
    else uses.push({ kind: "other", start, end, stop: end });
  }
  return uses;
}

/** Where the bracket that opens at `open` closes. */
function closing(code: string, open: number): number {
  let depth = 0;
  for (let i = open; i < code.length; i++) {
    if (code[i] === "[") depth++;
    else if (code[i] === "]" && --depth === 0) return i;
  }
  throw new Error("internal: a shader has an unclosed bracket");
}

/** Comments may name variables: blanked, so that lines and columns stay where they are. */
const withoutComments = (code: string): string => code.replaceAll(/\/\/.*$/gm, "");

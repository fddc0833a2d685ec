// WGSL as text, as far as rewriting a kernel needs it: brackets, storage arrays, uses of them, loops, the entry point. It reads what compiles; what it does
// not understand it refuses by an Error, and rewrites nothing.

/** Comments may hold anything: blanked, so that lines and columns stay where they are. */
export const withoutComments = (code: string): string => {
  let plain = "";
  for (let i = 0; i < code.length;) {
    if (code.startsWith("//", i)) {
      const end = code.indexOf("\n", i) < 0 ? code.length : code.indexOf("\n", i);
      plain += " ".repeat(end - i);
      i = end;
    } else if (code.startsWith("/*", i)) {
      const end = endOfComment(code, i);
      plain += code.slice(i, end).replaceAll(/[^\n]/g, " ");
      i = end;
    } else plain += code[i++];
  }
  return plain;
};

/** Block comments nest. */
function endOfComment(code: string, start: number): number {
  let depth = 0;
  for (let i = start; i < code.length; i++) {
    if (code.startsWith("/*", i)) {
      depth++;
      i++;
    } else if (code.startsWith("*/", i)) {
      i++;
      if (--depth === 0) return i + 1;
    }
  }
  return code.length;
}

const CLOSING: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}" };

/** Where the bracket closes that opens at `open`. */
export function closing(code: string, open: number): number {
  const expected: string[] = [];
  for (let i = open; i < code.length; i++) {
    if (code[i] in CLOSING) expected.push(CLOSING[code[i]]);
    else if (")]}".includes(code[i]) && expected.pop() !== code[i]) break;
    if (expected.length === 0) return i;
  }
  throw new Error(`line ${lineOf(code, open)}: "${code[open]}" is not closed`);
}

/** The line of a position, from 1. */
export const lineOf = (code: string, at: number): number => code.slice(0, at).split("\n").length;

/** A storage variable that is an array. */
export interface StorageArray {
  readonly name: string;
  readonly access: "read" | "read_write";
  /** Type of its elements as it is written, for example "Vector". */
  readonly written: string;
  /** The same with aliases looked up; null where it is neither a scalar nor a vector. */
  readonly element: Element | null;
  /** The declaration from "var" to ";", which it ends before. */
  readonly start: number;
  readonly end: number;
}

/** A scalar or a vector: how many numbers, and from one element to the next, counted in numbers. */
export interface Element {
  readonly lanes: number;
  readonly stride: number;
  readonly scalarBytes: 2 | 4;
}

const SCALARS: Readonly<Record<string, Element["scalarBytes"]>> = { f32: 4, u32: 4, i32: 4, f16: 2 };
const SUFFIXES: Readonly<Record<string, string>> = { f: "f32", u: "u32", i: "i32", h: "f16" };

/** The type behind aliases. */
function resolved(code: string, written: string): string {
  let type = written.replaceAll(/\s+/g, "");
  for (let depth = 0; depth < 9; depth++) {
    const aliased = new RegExp(`\\balias\\s+${type.replaceAll(/[<>]/g, "\\$&")}\\s*=\\s*([^;]+);`).exec(code)?.[1];
    if (aliased === undefined) return type;
    type = aliased.replaceAll(/\s+/g, "");
  }
  return type;
}

function elementOf(code: string, written: string): Element | null {
  const type = resolved(code, written);
  if (type in SCALARS) return { lanes: 1, stride: 1, scalarBytes: SCALARS[type] };
  const [, short, suffix, long, of] = /^(?:vec([234])([fuih])|vec([234])<(\w+)>)$/.exec(type) ?? [];
  const scalarBytes = SCALARS[suffix ? SUFFIXES[suffix] : resolved(code, of ?? "")];
  if (scalarBytes === undefined) return null;
  const lanes = Number(short ?? long);
  return { lanes, stride: lanes === 3 ? 4 : lanes, scalarBytes };
}

/** Storage variables of a text without comments that are arrays. */
export function storageArrays(code: string): StorageArray[] {
  return [...code.matchAll(/\bvar\s*<\s*storage\s*(?:,\s*(read|read_write)\s*)?>\s*(\w+)\s*:\s*array\s*</g)].map((match) => {
    const [head, access = "read", name] = match;
    const open = match.index + head.length;
    let depth = 1;
    let end = open;
    for (; depth > 0 && end < code.length; end++) depth += code[end] === "<" ? 1 : code[end] === ">" ? -1 : 0;
    const written = code.slice(open, end - 1).trim();
    return { name, access: access as StorageArray["access"], written, element: elementOf(code, written), start: match.index, end };
  });
}

/** `name[index]` in a text, with what follows of the same left side: a component or a lane. */
export interface Use {
  readonly name: string;
  readonly start: number;
  /** The index lies between these. */
  readonly indexStart: number;
  readonly indexEnd: number;
  /** After `]`. */
  readonly end: number;
}

/** The next use of one of these arrays from a position on. */
export function nextUse(code: string, names: readonly string[], from: number): Use | null {
  if (names.length === 0) return null;
  const pattern = new RegExp(`(?<![\\w.])(${names.join("|")})\\s*\\[`, "g");
  pattern.lastIndex = from;
  const found = pattern.exec(code);
  if (!found) return null;
  const open = found.index + found[0].length - 1;
  const close = closing(code, open);
  return { name: found[1], start: found.index, indexStart: open + 1, indexEnd: close, end: close + 1 };
}

/** What a statement does to its left side, from its end on: how the operator is written, and where the value begins. */
export function assignmentAt(code: string, end: number): { readonly operator: string; readonly valueStart: number } | null {
  const found = /^\s*(<<=|>>=|[-+*/%&|^]=|\+\+|--|=(?!=))/.exec(code.slice(end, end + 40));
  return found ? { operator: found[1], valueStart: end + found[0].length } : null;
}

/** Where the statement ends whose value begins at `from`: at ";", or at the ")" of the header that it stands in. */
export function endOfStatement(code: string, from: number): number {
  for (let i = from; i < code.length; i++) {
    if (code[i] === ";" || code[i] === ")" || code[i] === "}") return i;
    if (code[i] in CLOSING) i = closing(code, i);
  }
  throw new Error(`line ${lineOf(code, from)}: a statement has no end`);
}

/** A loop: its keyword's place, its header and its body, both without their brackets. */
export interface Loop {
  readonly start: number;
  readonly header: string;
  readonly bodyStart: number;
  readonly bodyEnd: number;
}

/** Every loop of a text without comments, outer ones first. */
export function loopsOf(code: string): Loop[] {
  return [...code.matchAll(/(?<![\w.])(for|while|loop)\b/g)].map(({ index: start, 1: keyword }) => {
    const after = start + keyword.length;
    const paren = keyword === "for" ? code.indexOf("(", after) : after;
    const headerEnd = keyword === "for" ? closing(code, paren) : after;
    const open = code.indexOf("{", headerEnd);
    if (open < 0) throw new Error(`line ${lineOf(code, start)}: a loop has no body`);
    const header = keyword === "for" ? code.slice(paren + 1, headerEnd) : code.slice(after, open);
    return { start, header, bodyStart: open + 1, bodyEnd: closing(code, open) };
  });
}

/** The entry point `main`: where its attributes begin, its parameters and its body, both without their brackets. */
export interface EntryPoint {
  readonly start: number;
  /** Where "fn" stands. */
  readonly functionStart: number;
  readonly parametersStart: number;
  readonly parametersEnd: number;
  readonly bodyStart: number;
}

export function entryPoint(code: string): EntryPoint {
  const found = /((?:@\w+\s*(?:\([^@{]*\))?\s*)+)fn\s+main\s*\(/.exec(code);
  if (!found) throw new Error("there is no entry point `main` with @compute and @workgroup_size");
  const parenthesis = found.index + found[0].length - 1;
  const close = closing(code, parenthesis);
  return {
    start: found.index,
    functionStart: found.index + found[1].length,
    parametersStart: parenthesis + 1,
    parametersEnd: close,
    bodyStart: code.indexOf("{", close) + 1,
  };
}

/** Names of a parameter list, in order. */
export const parameterNames = (parameters: string): string[] =>
  [...parameters.matchAll(/(?:^|[,)\s])([A-Za-z]\w*)\s*:/g)].map(([, name]) => name);

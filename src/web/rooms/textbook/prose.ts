// The pages' texts as pieces: words, numbers that are read, links, letters of formulas.
import type { Shown } from "./found.ts";

export type Piece =
  | { readonly is: "words"; readonly text: string }
  | { readonly is: "letter"; readonly text: string }
  | { readonly is: "number"; readonly name: string }
  | { readonly is: "link"; readonly text: string; readonly to: string };

export interface Destination {
  readonly room: string;
  readonly path: string;
  readonly keys: Readonly<Record<string, string>>;
}

const PIECE = /\{(\w+)\}|\[([^\]]+)\]\(([^)]+)\)|(?<![\w])_([^_]+)_/g;

/** Pieces of a paragraph in order. */
export function piecesOf(paragraph: string): Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  for (const found of paragraph.matchAll(PIECE)) {
    if (found.index > from) pieces.push({ is: "words", text: paragraph.slice(from, found.index) });
    const [all, name, text, to, letter] = found;
    if (name !== undefined) pieces.push({ is: "number", name });
    else if (letter === undefined) pieces.push({ is: "link", text, to });
    else pieces.push({ is: "letter", text: letter });
    from = found.index + all.length;
  }
  if (from < paragraph.length) pieces.push({ is: "words", text: paragraph.slice(from) });
  return pieces;
}

/** Where a link leads, with numbers of the page in the place of their names. */
export function destinationOf(to: string, numbers: Readonly<Record<string, Shown>>): Destination {
  const filled = to.replaceAll(/\{(\w+)\}/g, (_, name: string) => String(numbers[name] ?? 0));
  const [place, query = ""] = filled.split("?");
  const [room, ...path] = place.split("/");
  return {
    room,
    path: path.join("/"),
    keys: Object.fromEntries(query.split("&").flatMap((pair) => (pair === "" ? [] : [pair.split("=")]))),
  };
}

/** A number as the text has it: whole ones as they are, others with five digits. What only looks whole keeps its zeros. */
export function shownNumber(value: Shown): string {
  if (typeof value === "string") return value;
  if (Number.isInteger(value)) return minus(Math.abs(value) >= 10_000 ? value.toLocaleString("en-US") : String(value));
  const size = Math.abs(value);
  if (size < 1e-4 || size >= 1e6) return minus(value.toExponential(3));
  const text = value.toPrecision(5);
  return minus(/\.0+$/.test(text) ? text : text.replace(/0+$/, ""));
}

const minus = (text: string): string => text.replaceAll("-", "−");

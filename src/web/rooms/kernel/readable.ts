// Kernels as they are written: a bundle carries their text without comments and indentation, and the files of shaders/ have both.
import type { KernelText } from "striatum/inspect";

export interface ReadableLine {
  readonly text: string;
  readonly file: string;
  readonly line: number;
  /** Whether a tunable is declared there. */
  readonly isParameter: boolean;
}

export interface ReadableKernel {
  readonly wgsl: string;
  readonly lines: readonly ReadableLine[];
}

/** What the bundle keeps of a line; vite.config.ts strips by the same rule. */
const kept = (line: string): string => line.replace(/\s*\/\/(?!#).*$/, "").trimStart();

const isComment = (line: string): boolean => /^\s*(\/\/(?!#).*)?$/.test(line);

/** The linked text with its comments and indentation, from the files that its lines come from: those that a bundle stripped, or that a server sends as they are. */
export function readableKernel(
  { wgsl, origins }: Pick<KernelText, "wgsl" | "origins">,
  files: ReadonlyMap<string, string>,
): ReadableKernel {
  const own = new Map([...files].map(([file, text]) => [file, text.split("\n")]));
  const linked = wgsl.split("\n");
  const lines: ReadableLine[] = [];
  const add = (text: string, file: string, line: number): void =>
    void lines.push({ text, file, line, isParameter: text.includes("//#param") });
  // Tunables may have other values than in the file.
  const isStripped = linked.some((text, i) => !text.includes("//#param") && own.get(origins[i].file)?.[origins[i].line - 1] !== text);
  if (!isStripped) {
    linked.forEach((text, i) => add(text, origins[i].file, origins[i].line));
    return { wgsl, lines };
  }
  const places = new Map<string, readonly number[]>();
  const placesIn = (file: string): readonly number[] => {
    const known = places.get(file) ?? (own.get(file) ?? []).flatMap((line, i) => (kept(line) === "" ? [] : [i]));
    places.set(file, known);
    return known;
  };
  const next = new Map<string, number>();
  linked.forEach((text, i) => {
    const { file, line } = origins[i];
    const written = own.get(file) ?? [];
    const place = placesIn(file)[line - 1] ?? 0;
    for (let at = next.get(file) ?? 0; at < place; at++) if (isComment(written[at])) add(written[at], file, at + 1);
    next.set(file, place + 1);
    const raw = written[place] ?? text;
    add(kept(raw) === text ? raw : (/^\s*/.exec(raw) as RegExpExecArray)[0] + text, file, place + 1);
  });
  return { wgsl: lines.map(({ text }) => text).join("\n"), lines };
}

/** A run of lines of one file. */
export interface Passage {
  readonly file: string;
  readonly first: number;
  readonly lines: readonly ReadableLine[];
}

/** The lines by the files that they come from, in order. */
export function passagesOf(lines: readonly ReadableLine[]): Passage[] {
  const passages: { file: string; first: number; lines: ReadableLine[] }[] = [];
  lines.forEach((line, i) => {
    const last = passages[passages.length - 1];
    if (last?.file === line.file) last.lines.push(line);
    else passages.push({ file: line.file, first: i, lines: [line] });
  });
  return passages;
}

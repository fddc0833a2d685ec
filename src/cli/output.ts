// Output of all commands: results on stdout, messages on stderr, one set of exit codes. Names and labels come from strangers' files, so nothing that
// steers a terminal passes.
import { styleText } from "node:util";

export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  /** Checkpointed and stopped by the scheduler: run the same command again. */
  tryAgain: 75,
  /** Ctrl-C, after a checkpoint. */
  interrupted: 130,
} as const;

type Style = "bold" | "dim" | "red" | "green" | "yellow" | "cyan";

/** Colour where the stream is a terminal and NO_COLOR is unset. One style per call: given a list, Node 20 colours even into a pipe. */
export const paint = (style: Style, text: string, stream: NodeJS.WriteStream = process.stderr): string =>
  styleText(style, text, { stream });

/** True in continuous integration, where progress lines and questions make no sense. */
export const inCI = (): boolean => !["", "0", "false"].includes(process.env.CI ?? "");

/** What a terminal obeys or what turns the order of letters: control characters but tab and newline, bidirectional marks, line separators. */
const UNPRINTABLE = /(?![\t\n])[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;
/** What follows the escape character of the colours of `paint`. */
const COLOUR = /^\[(?:[1-4]|2[1-9]|3\d)m/;

/** The text with such characters as their codes, such as "\\u001b"; colours stay. */
export const printable = (text: string): string =>
  text.replace(UNPRINTABLE, (found, at: number) =>
    found === "\u001b" && COLOUR.test(text.slice(at + 1, at + 5)) ? found : `\\u${found.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );

/** A line of the result, on stdout. */
export const print = (text: string): void => void process.stdout.write(`${printable(text)}\n`);

let quiet = false;

/** Leaves out all messages but errors from now on. */
export const silence = (): void => void (quiet = true);

/** Whether messages are left out. */
export const isQuiet = (): boolean => quiet;

/** A message, on stderr. */
export function say(text: string): void {
  if (!quiet) process.stderr.write(`${printable(text)}\n`);
}

/** One JSON document on stdout. */
export const printJson = (value: unknown): void => print(JSON.stringify(value, null, 2));

/** Rows as aligned columns, a header above them if given; a column whose cells are all numbers (with a unit or not) is right-aligned. */
export function table(rows: readonly (readonly string[])[], header?: readonly string[]): string {
  const lines = header ? [header, ...rows] : rows;
  const columns = Math.max(0, ...lines.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, c) => Math.max(...lines.map((row) => (row[c] ?? "").length)));
  const numeric = widths.map((_, c) => rows.every((row) => /^(-?[\d,.]+( \S+)?)?$/.test(row[c] ?? "")));
  const line = (row: readonly string[]): string =>
    widths.map((width, c) => (numeric[c] ? (row[c] ?? "").padStart(width) : (row[c] ?? "").padEnd(width))).join("  ");
  return lines.map((row) => line(row).trimEnd()).join("\n");
}

/** A failure as a plain sentence; its stack only with STRIATUM_DEBUG=1. */
export function sayFailure(error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  const write = (text: string): void => void process.stderr.write(`${printable(text)}\n`);
  write(`${paint("red", "error:")} ${message}`);
  if (process.env.STRIATUM_DEBUG === "1") write(error instanceof Error ? (error.stack ?? "no stack") : "error without a stack");
}

/** A closed pipe (`| head -1`) ends printing but not the work, so that the exit code keeps its meaning. */
export function tolerateClosedPipes(): void {
  for (const stream of [process.stdout, process.stderr])
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
    });
}

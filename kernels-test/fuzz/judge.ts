// What counts as a fault of a reader: an error that is none of ours or does not name its file, an accepted input that is wrong, a changed prototype,
// a long time. A refusal in words is right, whatever the input.
import type { Target } from "./target.ts";

/** The name of every input; errors must contain it. */
export const FILE = "fuzzed-input";
/** A read of more takes long. */
export const SLOW_MS = 5000;
const TAKES_LONG = "takes over ";

/** Texts of the language's own errors, which describe its code and not the file. */
const LANGUAGE =
  /Cannot (read|set|destructure|convert|mix|access)|is not (a function|iterable|defined|a constructor)|Invalid (typed array|array|string) length|Maximum call stack|memory access out of bounds|Array buffer allocation|unreachable/;

export type Outcome = "accepted" | "refused" | { readonly fault: string };

/** Reads an input; the fault's text has no numbers of this input, so that one kind of fault has one text. */
export async function judge(target: Target, bytes: Uint8Array, slowMs = SLOW_MS): Promise<Outcome> {
  const started = performance.now();
  const outcome = await tried(target, bytes);
  if (Object.keys(Object.prototype).length > 0 || Object.keys(Array.prototype).length > 0) {
    for (const key of Object.keys(Object.prototype)) Reflect.deleteProperty(Object.prototype, key);
    for (const key of Object.keys(Array.prototype)) Reflect.deleteProperty(Array.prototype, key);
    return { fault: "a prototype has a new property" };
  }
  return performance.now() - started > slowMs ? { fault: `${TAKES_LONG}${slowMs / 1000} s` } : outcome;
}

export const tookLong = (outcome: Outcome): boolean => typeof outcome !== "string" && outcome.fault.startsWith(TAKES_LONG);

async function tried(target: Target, bytes: Uint8Array): Promise<Outcome> {
  let value: unknown;
  try {
    value = await target.read(Uint8Array.from(bytes), FILE);
  } catch (error) {
    return refusal(error);
  }
  const fault = target.wrong?.(value as never) ?? null;
  return fault === null ? "accepted" : { fault: `accepted: ${fault}` };
}

function refusal(error: unknown): Outcome {
  const kindOf = (text: string): string => text.replaceAll(/\d+/g, "N").slice(0, 120);
  if (!(error instanceof Error)) return { fault: `throws what is no Error: ${kindOf(String(error))}` };
  const { name, message } = error;
  if ([TypeError, RangeError, ReferenceError, SyntaxError].some((kind) => error instanceof kind))
    return { fault: `${name}: ${kindOf(message)}` };
  if (!message.includes(FILE)) return { fault: `the error does not name the file: ${kindOf(message)}` };
  return LANGUAGE.test(message) ? { fault: `the error has the language's words: ${kindOf(message)}` } : "refused";
}

// JSON that is read back: a schema says what it must be, and an error names the file and the place in it.
import * as v from "valibot";

export interface JsonSource {
  readonly file: string;
  /** What the file is expected to be, for example "a run of this version". */
  readonly what: string;
}

/** A value as its schema describes it. */
export function parsed<S extends v.GenericSchema>(schema: S, value: unknown, { file, what }: JsonSource): v.InferOutput<S> {
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  const [issue] = result.issues;
  const place = v.getDotPath(issue);
  throw new Error(
    `${file}: not ${what}${place === null ? "" : `, at ${place}`}: ${issue.message}: the file was changed by hand or damaged`,
  );
}

/** The value of a text in UTF-8. */
export function parsedText<S extends v.GenericSchema>(schema: S, bytes: Uint8Array, source: JsonSource): v.InferOutput<S> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new Error(`${source.file}: not JSON (${(cause as Error).message}): the file was changed by hand or damaged`, { cause });
  }
  return parsed(schema, value, source);
}

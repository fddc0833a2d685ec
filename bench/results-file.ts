// Reads and writes results files atomically; results.ts has their schema.
import * as v from "valibot";
import { nodeFiles } from "../src/platform/node-files.ts";
import { RESULTS, type Ablation, type Adapter, type Cold, type Input, type Kernels, type Results, type Steps } from "./results.ts";

const LIMIT_BYTES = 2 ** 26;

/** Reads a results file; throws an error that names it, and the place, if it is not valid. */
export async function readResults(path: string): Promise<Results> {
  const content = new TextDecoder().decode(await nodeFiles.read(path, LIMIT_BYTES));
  let json: unknown;
  try {
    json = JSON.parse(content);
  } catch (error) {
    throw new Error(`${path}: is not JSON (${String(error)}): correct it, or remove it and measure again`, { cause: error });
  }
  return parseResults(json, path);
}

export function parseResults(json: unknown, path: string): Results {
  const result = v.safeParse(RESULTS, json);
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw new Error(`${path}: ${v.getDotPath(issue) ?? "the file"}: ${issue.message} (bench/README.md describes the results file)`);
}

/** A bench's entry for a network, or for all where it knows none. */
export type Entry =
  | { readonly bench: "kernels"; readonly net: string; readonly entry: Kernels }
  | { readonly bench: "steps" | "growth"; readonly net: string; readonly entry: Steps }
  | { readonly bench: "cold"; readonly net: string; readonly entry: Cold }
  | { readonly bench: "ablation"; readonly net: string; readonly entry: Ablation }
  | { readonly bench: "input"; readonly entry: Input };

/** Puts an entry into an adapter's file in place of the one that was there, and leaves all others; makes the file if there is none. */
export async function fileEntry(path: string, adapter: Adapter, added: Entry): Promise<void> {
  const before: Results = (await nodeFiles.exists(path)) ? await readResults(path) : { schema: 1, adapter };
  await writeResults(path, { ...withEntry(before, added), adapter });
}

function withEntry(results: Results, added: Entry): Results {
  if (added.bench === "input") return { ...results, input: added.entry };
  return { ...results, [added.bench]: { ...results[added.bench], [added.net]: added.entry } };
}

/** Writes the whole file or nothing. Invalid results are refused. */
export async function writeResults(path: string, results: Results): Promise<void> {
  await nodeFiles.write(path, formatResults(parseResults(results, path)));
}

/** JSON of two spaces, lists of numbers on one line. */
export const formatResults = (results: Results): string =>
  `${JSON.stringify(results, null, 2).replace(/\[\s+(?:-?[\d.e+-]+,?\s+)+\]/g, (list) => list.replace(/\s+/g, " "))}\n`;

/** "llvmpipe", "nvidia-h100-80gb-hbm3": a software adapter is named after its driver, a GPU after itself. */
export function fileNameOf({ architecture, device, description }: Pick<Adapter, "architecture" | "device" | "description">): string {
  const name = architecture === "software" ? description.replace(/[:(].*$/, "") : device || description;
  const plain = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
  return `${plain || "adapter"}.json`;
}

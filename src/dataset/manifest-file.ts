// Where a dataset's list of cases lies, what of the folder it names, and what it does not.
import { pathFinder, under, type ReadableFiles } from "./folder.ts";
import { foldedFile } from "./alike.ts";
import { parseManifest, type Manifest, type ManifestCase } from "./manifest.ts";
import { decodeText } from "./text-file.ts";

const NAMES = ["manifest.csv", "manifest.jsonl", "labels.csv"];
const LIMIT_BYTES = 2 ** 26;
const WANTED = `expected one of ${NAMES.join(", ")}, with the columns path,label,side,patient,split (all but path and label may be absent)`;

/** The list of cases of the folder `dir`, whichever of its names it has. Throws an error that names file and line. */
export async function readManifest(files: ReadableFiles, dir: string): Promise<Manifest> {
  if (/\.(zip|tar|t?gz|7z|rar)$/i.test(dir)) throw new Error(`${dir}: expected a folder, got an archive; unpack it and name the folder`);
  const names = await files.list(dir);
  const found = names.filter((name) => NAMES.includes(name));
  if (found.length > 1) throw new Error(`${dir}: has more than one manifest (${found.join(", ")}); keep one`);
  if (found.length === 0) {
    const others = names.filter((name) => name.toLowerCase().endsWith(".csv"));
    const hint = names.length === 0 ? "; the folder is empty" : others.length > 0 ? `; rename ${others[0]}` : "";
    throw new Error(`${dir}: has no manifest; ${WANTED}${hint}`);
  }
  const file = under(dir, found[0]);
  return parseManifest(decodeText(await files.read(file, LIMIT_BYTES), file), file);
}

/** For each case whether its path is a file or a folder; null where it is neither. */
export async function findCases(files: ReadableFiles, dir: string, { cases }: Manifest): Promise<("file" | "folder" | null)[]> {
  const find = pathFinder(files, dir);
  const kinds: ("file" | "folder" | null)[] = [];
  for (const { path } of cases) kinds.push(await find(path));
  return kinds;
}

/** The message for a path that leads nowhere, with the name that may be meant. */
export async function noSuchCase(files: ReadableFiles, dir: string, { file }: Manifest, { line, path }: ManifestCase): Promise<string> {
  const meant = await similarPath(files, dir, path);
  const hint = meant === null ? "" : `; did you mean "${meant}"? The two differ in ${differenceOf(path, meant)}`;
  return `${file} line ${line}: there is no file or folder "${path}" in ${dir}${hint}`;
}

/** The one path in `dir` that equals `path` but for case, Unicode form and ending; null where there is none or more than one. */
async function similarPath(files: ReadableFiles, dir: string, path: string): Promise<string | null> {
  let found = "";
  for (const part of path.split("/")) {
    const names = await files.list(found === "" ? dir : under(dir, found)).catch(() => []);
    const alike = names.filter((name) => foldedFile(name) === foldedFile(part));
    if (alike.length !== 1) return null;
    found = under(found, alike[0].replace(/\/$/, ""));
  }
  return found;
}

function differenceOf(path: string, meant: string): string {
  if (path.normalize("NFC") === meant.normalize("NFC")) return "the Unicode form of their letters";
  return path.normalize("NFC").toLowerCase() === meant.normalize("NFC").toLowerCase() ? "upper and lower case" : "their ending";
}

/** For each case whether its path is a file or a folder. Throws for one that is neither, by its line. */
export async function kindsOf(files: ReadableFiles, dir: string, manifest: Manifest): Promise<("file" | "folder")[]> {
  const kinds: ("file" | "folder")[] = [];
  for (const [index, kind] of (await findCases(files, dir, manifest)).entries()) {
    if (!kind) throw new Error(await noSuchCase(files, dir, manifest, manifest.cases[index]));
    kinds.push(kind);
  }
  return kinds;
}

const ENTRY_LIMIT = 100_000;

/** What lies beside cases and is none: tables, notes, an archive's index. */
const TEXT = /\.(csv|tsv|jsonl?|txt|md|log|html?|ya?ml)$|^DICOMDIR$/i;

/** Files and folders inside `dir` that no case names and that hold none that one does, sorted; a folder stands for all that is in it. */
export async function unlabelled(files: ReadableFiles, dir: string, { cases }: Manifest): Promise<string[]> {
  const named = new Set(cases.map(({ path }) => path));
  const above = new Set(cases.flatMap(({ path }) => path.split("/").map((_, i, parts) => parts.slice(0, i).join("/"))));
  const found: string[] = [];
  let seen = 0;
  const walk = async (folder: string): Promise<void> => {
    for (const name of await files.list(folder === "" ? dir : under(dir, folder))) {
      if (++seen > ENTRY_LIMIT)
        throw new Error(`${dir}: has over ${ENTRY_LIMIT} entries beside its cases; move the dataset to a folder of its own`);
      const path = under(folder, name.replace(/\/$/, ""));
      if (named.has(path) || name.startsWith(".") || TEXT.test(name)) continue;
      if (name.endsWith("/") && above.has(path)) {
        // What else lies behind a link is not part of the dataset.
        if (!(await files.link?.(under(dir, path)))) await walk(path);
      } else found.push(name.endsWith("/") ? `${path}/` : path);
    }
  };
  await walk("");
  return found;
}

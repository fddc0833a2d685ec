// A folder of cases on the user's machine, read and never written: files that a page was given, or a directory handle.
import type { Files } from "../../platform/platform.ts";
import { inWords } from "../check.ts";

/** What is read of a file that a page was given; a `File` is one. */
export interface GivenFile {
  /** Its own name. */
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** Path from the folder that was chosen, as an `<input webkitdirectory>` gives it; empty or absent elsewhere. */
  readonly webkitRelativePath?: string;
  /** Its content. */
  arrayBuffer(): Promise<ArrayBuffer>;
}

/** A file of a directory handle; a `FileSystemFileHandle` is one. */
export interface GivenFileHandle {
  /** Which handle it is. */
  readonly kind: "file";
  /** Its own name. */
  readonly name: string;
  /** The file. */
  getFile(): Promise<GivenFile>;
}

/** A directory handle; a `FileSystemDirectoryHandle` is one. */
export interface GivenDirectory {
  /** Which handle it is. */
  readonly kind: "directory";
  /** Its own name. */
  readonly name: string;
  /** The handles of what it contains. */
  values(): AsyncIterable<GivenDirectory | GivenFileHandle>;
}

/** A file with its path below the folder, where it does not know it itself. */
export interface PlacedFile {
  /** Path below the folder, with "/" between its parts. */
  readonly path: string;
  /** The file. */
  readonly file: GivenFile;
}

/** More entries than a folder of cases has. */
const ENTRY_LIMIT = 200_000;
const DEEPEST = 16;
const READ_LIMIT_BYTES = 2 ** 31;
/** Names of the list of cases. */
const LISTS = ["manifest.csv", "manifest.jsonl", "labels.csv"];
/** What lies beside cases and is none. */
const TABLE = /\.(csv|tsv|jsonl?|txt|md|log|html?|ya?ml|pdf|docx?|xlsx?)$/i;

const partsOf = (path: string): string[] => path.split("/").filter((part) => part !== "" && part !== ".");

/** A read-only folder of cases, as `caseFolder` returns it. Nothing of it is copied or kept. */
export class CaseFolder {
  /** Number of its files, hidden ones apart. */
  readonly files: number;
  /** Bytes of its files. */
  readonly bytes: number;
  /** Whether it has a list of its cases: manifest.csv, manifest.jsonl or labels.csv. */
  readonly isListed: boolean;
  readonly #files: ReadonlyMap<string, GivenFile>;
  /** Names in each folder, by its path. */
  readonly #names = new Map<string, Set<string>>([["", new Set()]]);

  /** @internal */
  constructor(files: ReadonlyMap<string, GivenFile>) {
    this.#files = files;
    this.files = files.size;
    this.bytes = [...files.values()].reduce((sum, { size }) => sum + size, 0);
    this.isListed = LISTS.some((name) => files.has(name));
    for (const path of files.keys()) {
      const parts = partsOf(path);
      parts.forEach((name, i) => {
        const above = parts.slice(0, i).join("/");
        const names = this.#names.get(above) ?? new Set();
        this.#names.set(above, names.add(i < parts.length - 1 ? `${name}/` : name));
      });
    }
  }

  /** Paths that may be cases: what lies in the folder itself, tables apart. */
  get candidates(): readonly string[] {
    const names = [...(this.#names.get("") as Set<string>)].filter((name) => name.endsWith("/") || !TABLE.test(name));
    return names.map((name) => name.replace(/\/$/, "")).sort();
  }

  /** The same folder with a list of its cases, `labels.csv`, in place of any that it has. */
  withLabels(labels: string): CaseFolder {
    const bytes = new TextEncoder().encode(labels);
    const list: GivenFile = { name: "labels.csv", size: bytes.length, arrayBuffer: async () => bytes.slice().buffer };
    const others = [...this.#files].filter(([path]) => !LISTS.includes(path));
    return new CaseFolder(new Map([...others, ["labels.csv", list]]));
  }

  /** @internal */
  static filesOf(folder: CaseFolder): Files {
    if (!(#files in Object(folder))) throw new TypeError("expected cases that caseFolder() of this package returned");
    return folder.#read();
  }

  #read(): Files {
    const at = (path: string): string => partsOf(path).join("/");
    const refuse = async (): Promise<never> => {
      throw new Error("internal: the user's folder is only read");
    };
    return {
      read: async (path, limitBytes = READ_LIMIT_BYTES) => {
        const file = this.#files.get(at(path));
        if (!file) throw new Error(`cannot read "${path}": there is no such file`);
        if (file.size > limitBytes)
          throw new Error(`cannot read "${path}": it has ${file.size} bytes, over the limit of ${limitBytes} for this kind of file`);
        return new Uint8Array(await file.arrayBuffer());
      },
      exists: async (path) => this.#files.has(at(path)) || this.#names.has(at(path)),
      list: async (path) => {
        const names = this.#names.get(at(path));
        if (!names) throw new Error(`cannot list "${path}": there is no such folder`);
        return [...names].sort();
      },
      write: refuse,
      append: refuse,
      remove: refuse,
    };
  }
}

/**
 * A folder of cases of the user's machine: the files of an `<input webkitdirectory>`, files with their paths (as a dropped folder gives them), or a directory handle.
 * Reads no content. Hidden files are left out. Throws a TypeError for anything else, and an Error for an empty folder or one of more than 200,000 files.
 */
export async function caseFolder(given: readonly (GivenFile | PlacedFile)[] | GivenDirectory): Promise<CaseFolder> {
  const placed: PlacedFile[] = [];
  const take = (path: string, file: GivenFile): void => {
    if (placed.push({ path, file }) > ENTRY_LIMIT)
      throw new Error(`the folder has over ${ENTRY_LIMIT} files: choose the folder of the cases alone`);
  };
  if (Array.isArray(given)) for (const each of given as readonly (GivenFile | PlacedFile)[]) take(...placeOf(each));
  else if ((given as GivenDirectory | null)?.kind === "directory") await walk(given as GivenDirectory, "", take);
  else throw new TypeError(`caseFolder: expected files or a directory handle, got ${inWords(given)}`);
  const shown = placed
    .map(({ path, file }) => ({ parts: partsOf(path), file }))
    .filter(({ parts }) => !parts.some((part) => part.startsWith(".")));
  if (shown.length === 0) throw new Error("the folder has no files");
  return new CaseFolder(new Map(shown.map(({ parts, file }) => [parts.join("/"), file])));
}

function placeOf(given: GivenFile | PlacedFile): [path: string, file: GivenFile] {
  if ("path" in given && "file" in given) return [given.path, given.file];
  const file = Object(given) as GivenFile;
  const { webkitRelativePath, name } = file;
  if (typeof name !== "string" || typeof file.arrayBuffer !== "function")
    throw new TypeError(`caseFolder: expected a File, got ${inWords(given)}`);
  // The path begins with the name of the folder that was chosen.
  return [webkitRelativePath ? webkitRelativePath.replace(/^[^/]*\//, "") : name, given];
}

async function walk(folder: GivenDirectory, path: string, take: (path: string, file: GivenFile) => void): Promise<void> {
  if (partsOf(path).length > DEEPEST) return;
  for await (const handle of folder.values()) {
    const at = path === "" ? handle.name : `${path}/${handle.name}`;
    if (handle.kind === "directory") await walk(handle, at, take);
    else take(at, await handle.getFile());
  }
}

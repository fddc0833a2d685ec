// Files of the origin's private file system (OPFS), and inflating: what a page needs after its first answer, if at all.
import type { Files } from "./platform.ts";

const DEFAULT_READ_LIMIT_BYTES = 2 ** 31;

/** Splits "runs/a/b.json" into the names of its folders and its own; "." and empty parts fall away. */
const split = (path: string): string[] => path.split("/").filter((part) => part !== "" && part !== ".");

async function folder(names: readonly string[], create: boolean): Promise<FileSystemDirectoryHandle> {
  let at = await navigator.storage.getDirectory();
  for (const name of names) at = await at.getDirectoryHandle(name, { create });
  return at;
}

async function file(path: string, create: boolean): Promise<FileSystemFileHandle> {
  const names = split(path);
  return (await folder(names.slice(0, -1), create)).getFileHandle(names.at(-1) ?? "", { create });
}

const isMissing = (error: unknown): boolean => error instanceof DOMException && error.name === "NotFoundError";

async function explaining<T>(doing: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
    const cause =
      error.name === "QuotaExceededError"
        ? "the browser's storage for this site is full; export and remove old runs"
        : isMissing(error)
          ? "there is no such file or folder; check the spelling"
          : error.message;
    throw new Error(`${doing}: ${cause} (${error.name})`, { cause: error });
  }
}

/** A writable of OPFS is a swap file that takes the file's place when closed: all or nothing. */
async function replace(path: string, keep: boolean, content: string | Iterable<Uint8Array>): Promise<void> {
  const isNew = !(await files.exists(path));
  const handle = await file(path, true);
  const writable = await handle.createWritable({ keepExistingData: keep });
  try {
    if (keep) await writable.seek((await handle.getFile()).size);
    for (const part of typeof content === "string" ? [content] : content)
      await writable.write(typeof part === "string" ? part : new Uint8Array(part));
    await writable.close();
  } catch (error) {
    await writable.abort().catch(() => undefined);
    if (isNew) await files.remove(path);
    throw error;
  }
}

/** Appends one after another, else two would start from the same end of the file. */
let lastAppend: Promise<void> = Promise.resolve();

export const files: Files = {
  read: (path, limitBytes = DEFAULT_READ_LIMIT_BYTES) =>
    explaining(`cannot read "${path}"`, async () => {
      const blob = await (await file(path, false)).getFile();
      if (blob.size > limitBytes)
        throw new Error(`cannot read "${path}": it has ${blob.size} bytes, over the limit of ${limitBytes} for this kind of file`);
      return new Uint8Array(await blob.arrayBuffer());
    }),

  exists: (path) =>
    file(path, false).then(
      () => true,
      () =>
        folder(split(path), false).then(
          () => true,
          () => false,
        ),
    ),

  list: (path) =>
    explaining(`cannot list "${path}"`, async () => {
      const names: string[] = [];
      for await (const [name, handle] of (await folder(split(path), false)).entries())
        names.push(handle.kind === "directory" ? `${name}/` : name);
      return names.sort();
    }),

  write: (path, content) => explaining(`cannot write "${path}"`, () => replace(path, false, content)),

  append: (path, line) => {
    const appended = lastAppend.then(() => explaining(`cannot append to "${path}"`, () => replace(path, true, `${line}\n`)));
    lastAppend = appended.catch(() => undefined);
    return appended;
  },

  remove: (path) =>
    explaining(`cannot remove "${path}"`, async () => {
      const names = split(path);
      try {
        await (await folder(names.slice(0, -1), false)).removeEntry(names.at(-1) ?? "");
      } catch (error) {
        if (!isMissing(error)) throw error;
      }
    }),
};

/** Inflates raw deflate (RFC 1951), with or without the null byte that DICOM pads to an even length (PS3.5 A.5). */
export async function inflate(bytes: Uint8Array, limitBytes: number): Promise<Uint8Array> {
  try {
    return await inflateExactly(bytes, limitBytes);
  } catch (error) {
    // Browsers refuse any byte after the end of the stream; Node stops before it.
    const isPadded = error instanceof Damaged && bytes.length % 2 === 0 && bytes.at(-1) === 0;
    if (!isPadded) throw error;
    return inflateExactly(bytes.subarray(0, -1), limitBytes);
  }
}

class Damaged extends Error {}

async function inflateExactly(bytes: Uint8Array, limitBytes: number): Promise<Uint8Array> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  const compressed = new Blob([new Uint8Array(bytes)]).stream();
  const reader = compressed.pipeThrough(new DecompressionStream("deflate-raw")).getReader();
  for (;;) {
    const { done, value } = await reader.read().catch((error: unknown) => {
      throw new Damaged("inflate: the deflate data is damaged", { cause: error });
    });
    if (done) return new Uint8Array(await new Blob(parts).arrayBuffer());
    size += value.length;
    if (size > limitBytes) {
      await reader.cancel();
      throw new Error(
        `inflate: ${bytes.length} bytes inflate to more than ${limitBytes} bytes: the data is damaged or a decompression bomb`,
      );
    }
    parts.push(value);
  }
}

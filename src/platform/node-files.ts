// Files of the platform in Node. Errors name the path and say what to do; a failed write leaves nothing behind.
import { randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { access, lstat, mkdir, open, readdir, rename, rmdir, stat, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { isGone, ownNamespace } from "./node-process.ts";
import { PARTIAL } from "./partials.ts";
import type { Files } from "./platform.ts";

const DEFAULT_READ_LIMIT_BYTES = 2 ** 31;
const READ_CHUNK_BYTES = 2 ** 26;

const CAUSES: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full; free some space or choose another folder",
  EDQUOT: "the disk quota is used up; free some space or choose another folder",
  EROFS: "the file system is read-only; choose another folder",
  EACCES: "permission denied; choose a folder that is yours, or change its owner or mode",
  EPERM: "the operating system does not permit it; choose a folder that is yours",
  ENOENT: "there is no such file or folder; check the spelling",
  EISDIR: "it is a folder; a file is needed",
  ENOTDIR: "a part of the path is a file; a folder is needed",
  ENOTEMPTY: "the folder is not empty; remove what is in it first",
  ENAMETOOLONG: "the name is too long; choose a shorter one",
  EMFILE: "too many files are open; raise the limit (ulimit -n)",
};

/** The error of a system call as a sentence; anything else (an iterable that threw) as it came. */
export function explain(error: unknown, doing: string): unknown {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  const cause = code === undefined ? undefined : CAUSES[code];
  return cause === undefined ? error : new Error(`${doing}: ${cause} (${code})`, { cause: error });
}

async function explaining<T>(doing: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw explain(error, doing);
  }
}

export const nodeFiles: Files = {
  read: (path, limitBytes = DEFAULT_READ_LIMIT_BYTES) =>
    explaining(`cannot read "${path}"`, async () => {
      const info = await stat(path);
      if (info.isDirectory()) throw Object.assign(new Error("folder"), { code: "EISDIR" });
      if (!info.isFile()) throw new Error(`cannot read "${path}": it is a device or a pipe; a file is needed`); // opening a pipe would wait
      if (info.size > limitBytes)
        throw new Error(`cannot read "${path}": it has ${info.size} bytes, over the limit of ${limitBytes} for this kind of file`);
      const handle = await open(path, "r");
      try {
        const bytes = new Uint8Array(info.size);
        let filled = 0;
        while (filled < bytes.length) {
          const { bytesRead } = await handle.read(bytes, filled, Math.min(READ_CHUNK_BYTES, bytes.length - filled));
          if (bytesRead === 0) throw new Error(`cannot read "${path}": it shrank from ${bytes.length} to ${filled} bytes while being read`);
          filled += bytesRead;
        }
        return bytes;
      } finally {
        await handle.close();
      }
    }),

  exists: (path) =>
    access(path, constants.F_OK).then(
      () => true,
      () => false,
    ),

  list: (path) =>
    explaining(`cannot list "${path}"`, async () => {
      const entries = await readdir(path, { withFileTypes: true });
      const isFolder = async (name: string): Promise<boolean> =>
        stat(join(path, name)).then(
          (info) => info.isDirectory(),
          () => false,
        );
      const names = entries.map(async (entry) => {
        const folder = entry.isSymbolicLink() ? await isFolder(entry.name) : entry.isDirectory();
        return folder ? `${entry.name}/` : entry.name;
      });
      return (await Promise.all(names)).sort();
    }),

  link: async (path) => {
    const info = await lstat(path).catch(() => undefined);
    if (!info?.isSymbolicLink()) return null;
    return access(path, constants.F_OK).then(
      () => "whole",
      () => "broken",
    );
  },

  write: (path, content) =>
    explaining(`cannot write "${path}"`, async () => {
      const folder = dirname(path);
      await makeFolder(folder);
      if ((await stat(path).catch(() => undefined))?.isDirectory()) throw Object.assign(new Error("folder"), { code: "EISDIR" });
      const partial = join(folder, `.${basename(path)}.${MAKER}-${randomUUID().slice(0, 8)}.partial`);
      const handle = await open(partial, "wx");
      try {
        try {
          await clearDead(folder, (await handle.stat()).mtimeMs);
          for (const part of typeof content === "string" ? [content] : content) await handle.writeFile(part);
          await handle.sync();
        } finally {
          await handle.close();
        }
        await rename(partial, path);
      } catch (error) {
        await unlink(partial).catch(() => undefined);
        throw error;
      }
      await syncFolder(folder);
    }),

  append: (path, line) =>
    explaining(`cannot append to "${path}"`, async () => {
      await makeFolder(dirname(path));
      const handle = await open(path, "a");
      try {
        const { size } = await handle.stat();
        try {
          await handle.writeFile(`${line}\n`);
        } catch (error) {
          await handle.truncate(size); // no half line
          throw error;
        }
      } finally {
        await handle.close();
      }
    }),

  remove: (path) =>
    explaining(`cannot remove "${path}"`, async () => {
      const info = await lstat(path).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== "ENOENT") throw error;
      });
      if (info) await (info.isDirectory() ? rmdir(path) : unlink(path));
    }),
};

/** This process, in the names of its half-written files. */
const MAKER = `${ownNamespace() ?? "unknown"}-${process.pid}`;
/** A half-written file that nobody has touched for so long, by the clock of its file system, has no writer, wherever that one was. */
const DEAD_AFTER_MS = 60 * 60_000;
const cleared = new Set<string>();

/** Removes, once for each folder that this process writes to, the half-written files of processes that are gone. */
async function clearDead(folder: string, nowMs: number): Promise<void> {
  if (cleared.has(folder)) return;
  cleared.add(folder);
  for (const name of await readdir(folder).catch(() => [])) {
    if (!PARTIAL.test(name)) continue;
    const path = join(folder, name);
    const [, namespace, pid] = /\.([0-9a-f]{16})-(\d+)-[0-9a-f]{8}\.partial$/.exec(name) ?? [];
    const age = nowMs - ((await stat(path).catch(() => null))?.mtimeMs ?? nowMs);
    if ((namespace === ownNamespace() && isGone(Number(pid))) || age > DEAD_AFTER_MS) await unlink(path).catch(() => undefined);
  }
}

/** With the folders above it. Node's own recursive mkdir says ENOENT on a read-only file system. */
export async function makeFolder(folder: string): Promise<void> {
  if ((await stat(folder).catch(() => undefined))?.isDirectory()) return;
  if (dirname(folder) !== folder) await makeFolder(dirname(folder));
  await mkdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EEXIST") throw error; // another process made it, or it is a file and opening what lies in it will say so
  });
}

/** Makes a rename survive a power cut; some systems cannot open a folder for it, and the rename alone is used. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r").catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}

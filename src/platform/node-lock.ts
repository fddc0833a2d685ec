// One writer per folder in Node: a lock file with its holder, which the holder writes anew every few seconds. A lock is left behind when its content has
// not changed for a while by the clock of the process that waits: no other clock counts, and no process number, which another container has too.
// Where boot, PID namespace and host are this process's own, a holder whose process is gone is known to be gone at once.
import { randomUUID } from "node:crypto";
import { link, open, readFile, rename, stat, unlink, type FileHandle } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import * as v from "valibot";
import { explain, makeFolder } from "./node-files.ts";
import { isGone, ownNamespace } from "./node-process.ts";
import type { FolderLock, LockOptions, TakenFolder } from "./platform.ts";

const LOCK = "lock.json";
const BEAT_MS = 5_000;
const LEFT_BEHIND_MS = 120_000;
const LOOK_MS = 500;
const SETTLE_MS = 100;
/** A name that can neither be made nor read, such as a link to nowhere, ends with an error and not in a loop. */
const MOST_TRIES = 20;

const HOLDER = v.object({
  host: v.string(),
  pid: v.number(),
  /** Boot and PID namespace, within which the number is that of one process alone; null where the system does not say. */
  namespace: v.nullable(v.string()),
  token: v.string(),
  /** Grows with each beat; as text, so that the content keeps its length. */
  beat: v.string(),
});
type Holder = v.InferOutput<typeof HOLDER>;

/** How often a holder writes, and how long it is silent before its lock counts as left behind. */
interface LockTimes {
  readonly beatMs: number;
  readonly leftBehindMs: number;
}

/** What this process has seen in lock files, and since when: content that does not change belongs to nobody after a while. */
const seen = new Map<string, { readonly content: string; readonly sinceMs: number }>();

/**
 * Locks a folder, made if it is missing. Returns who has it where another process does; with `wait`, only after it is certain that the holder lives. Throws,
 * naming the lock, where it cannot be read, made or removed.
 */
export async function lockFolder(
  folder: string,
  { wait = false, signal }: LockOptions = {},
  { beatMs, leftBehindMs }: LockTimes = { beatMs: BEAT_MS, leftBehindMs: LEFT_BEHIND_MS },
): Promise<FolderLock | TakenFolder> {
  const file = join(folder, LOCK);
  await makeFolder(folder).catch((error: unknown) => {
    throw explain(error, `cannot write "${file}"`);
  });
  const token = randomUUID();
  let alive = !wait;
  let contended = false;
  for (let tries = 0; ;) {
    const handle = await create(file, textOf(token, 0));
    if (handle) {
      const lock = holding(file, handle, token, beatMs);
      // Another process that took the same lock over may have moved this one aside for a moment, and a third have come in between.
      if (contended) await pause(SETTLE_MS);
      if (!contended || (await lock.isOurs())) return lock;
      await lock.release();
      continue;
    }
    const content = await contentOf(file);
    if (content === null) {
      if (++tries === MOST_TRIES) throw new Error(`cannot lock "${folder}": ${LOCK} can neither be made nor read; remove it`);
      await pause(tries);
      continue;
    }
    tries = 0;
    const now = performance.now();
    const before = seen.get(file);
    if (before?.content !== content) {
      // A first look shows nothing; a change since an earlier one shows that its holder lives.
      alive ||= before !== undefined;
      seen.set(file, { content, sinceMs: now });
    }
    const holder = holderIn(content);
    const silentMs = before?.content === content ? now - before.sinceMs : 0;
    if (isLeft(holder) || silentMs >= leftBehindMs) {
      contended = true;
      await removeLeftBehind(file, content);
    } else if (alive || signal?.aborted) return { taken: true, file, host: holder?.host ?? null };
    else await pause(Math.min(LOOK_MS, leftBehindMs / 4));
  }
}

/** The lock of this process, beating. The beats go to the file that was opened, wherever it is moved to: one that was taken over is not written again. */
function holding(file: string, handle: FileHandle, token: string, beatMs: number): FolderLock & { isOurs(): Promise<boolean> } {
  let beats = 0;
  const isOurs = async (): Promise<boolean> => holderIn((await contentOf(file)) ?? "")?.token === token;
  const beating = setInterval(() => void handle.write(textOf(token, ++beats), 0).catch(() => undefined), beatMs).unref();
  return {
    taken: false,
    isOurs,
    async check() {
      if (!(await isOurs()))
        throw new Error(`${file}: another process has taken this lock over, as this one stood still for too long. It goes on with the run`);
    },
    async release() {
      clearInterval(beating);
      const ours = await isOurs().catch(() => false);
      await handle.close();
      if (ours) await unlink(file).catch(() => undefined);
    },
  };
}

const textOf = (token: string, beat: number): string =>
  JSON.stringify({
    host: hostname(),
    pid: process.pid,
    namespace: ownNamespace(),
    token,
    beat: String(beat).padStart(9, "0"),
  } satisfies Holder);

/** The new lock, or null where there is one. */
async function create(file: string, content: string): Promise<FileHandle | null> {
  let handle: FileHandle;
  try {
    handle = await open(file, "wx");
  } catch (error) {
    if (codeOf(error) === "EEXIST") return null;
    throw explain(error, `cannot write "${file}"`);
  }
  try {
    await handle.write(content, 0);
  } catch (error) {
    await handle.close();
    await unlink(file).catch(() => undefined);
    throw explain(error, `cannot write "${file}"`);
  }
  return handle;
}

/** Null where there is none any more. */
async function contentOf(file: string): Promise<string | null> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return null;
    const info = await stat(file).catch(() => null);
    const owner = info?.isDirectory()
      ? "it is a folder"
      : info
        ? `it belongs to the user with number ${info.uid}`
        : "its folder is closed to this user";
    throw new Error(`cannot read "${file}", the lock of a run (${codeOf(error)}): ${owner}. Let its holder end, or choose another folder`, {
      cause: error,
    });
  }
}

/** Moves a lock that was left behind away, in one of the processes that see it; a lock that came in between is put back. */
async function removeLeftBehind(file: string, content: string): Promise<void> {
  if ((await contentOf(file)) !== content) return;
  const aside = `${file}.${randomUUID().slice(0, 8)}`;
  try {
    await rename(file, aside);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return;
    throw new Error(`cannot remove "${file}", a lock that was left behind: ${(error as Error).message}. Remove it by hand`, {
      cause: error,
    });
  }
  if ((await contentOf(aside)) !== content) await link(aside, file).catch(() => undefined);
  await unlink(aside);
}

function holderIn(content: string): Holder | null {
  try {
    return v.parse(HOLDER, JSON.parse(content));
  } catch {
    return null; // being written, cut short by a kill, or of an earlier version
  }
}

/** True only where it is certain: the process would be in this process's own namespace, and is not. */
const isLeft = (holder: Holder | null): boolean =>
  holder !== null && holder.namespace !== null && holder.host === hostname() && holder.namespace === ownNamespace() && isGone(holder.pid);

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;
const pause = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms));

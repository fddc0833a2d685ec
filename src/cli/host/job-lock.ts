// One writer per folder: a lock file with its holder (host, process, start of that process). A lock whose process is gone is taken over; one
// of another host counts as left behind when its file has not been touched for a while, as its holder touches it.
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { link, mkdir, readFile, rename, stat, unlink, utimes, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";

const LOCK = "lock.json";
const TOUCH_MS = 20_000;
const LEFT_BEHIND_MS = 5 * 60_000;

interface Holder {
  readonly host: string;
  readonly pid: number;
  /** Distinguishes a process from a later one with the same number; null if the system does not provide it. */
  readonly began: string | null;
}

/** Locks a folder, created if it is missing, and resolves to the release function; null if a running process has it. */
export async function lockFolder(folder: string): Promise<(() => Promise<void>) | null> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, LOCK);
  const own = JSON.stringify({ host: hostname(), pid: process.pid, began: beginningOf(process.pid) } satisfies Holder);
  for (;;) {
    try {
      await writeFile(path, own, { flag: "wx" });
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      if (!(await removeIfLeftBehind(path))) return null;
    }
  }
  const touching = setInterval(() => void utimes(path, new Date(), new Date()).catch(() => undefined), TOUCH_MS).unref();
  return async () => {
    clearInterval(touching);
    if ((await read(path)) === own) await unlink(path);
  };
}

/** True if the folder is free. */
async function removeIfLeftBehind(path: string): Promise<boolean> {
  const found = await read(path);
  const info = await stat(path).catch(() => null);
  if (found === null || info === null) return true;
  if (isAlive(found, Date.now() - info.mtimeMs)) return false;
  // Of several processes that see this, one moves the file away; a lock that came in between is put back.
  const aside = `${path}.${randomUUID().slice(0, 8)}`;
  try {
    await rename(path, aside);
  } catch {
    return true;
  }
  if ((await read(aside)) !== found) await link(aside, path).catch(() => undefined);
  await unlink(aside);
  return true;
}

function isAlive(text: string, untouchedMs: number): boolean {
  let holder: Partial<Holder>;
  try {
    holder = JSON.parse(text) as Partial<Holder>;
  } catch {
    return untouchedMs < TOUCH_MS; // being written, or cut short by a kill
  }
  const { host, pid, began } = holder;
  if (host !== hostname() || typeof pid !== "number") return untouchedMs < LEFT_BEHIND_MS;
  if (pid === process.pid) return began === beginningOf(pid);
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
  }
  return began === beginningOf(pid);
}

/** When a process began, in the system's clock ticks (proc(5), field 22 of stat; the name in field 2 may hold anything). */
function beginningOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? null;
  } catch {
    return null;
  }
}

const read = (path: string): Promise<string | null> => readFile(path, "utf8").catch(() => null);

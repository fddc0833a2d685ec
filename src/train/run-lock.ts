// The lock of a run's folder while it is written to: two processes in one folder would remove each other's checkpoints and write metrics twice.
import type { FolderLock, Platform, TakenFolder } from "../platform/platform.ts";
import type { ProgressEvent } from "../platform/progress.ts";
import { TryAgain } from "../platform/try-again.ts";

/** "runs/a/lock.json, held by a process on the host node3". */
export const holderOf = ({ file, host }: TakenFolder): string => `${file}, held by a process${host === null ? "" : ` on the host ${host}`}`;

export const waitText = (found: TakenFolder): string => `${holderOf(found)}: waiting for a sign of life, two minutes at most`;

/** Locks a run's folder. Where a lock is there, waits until it is certain that its holder lives, and throws TryAgain then. */
export async function* lockRun(
  platform: Pick<Platform, "lock">,
  folder: string,
  signal?: AbortSignal,
): AsyncGenerator<ProgressEvent, FolderLock> {
  const found = await platform.lock(folder);
  if (!found.taken) return found;
  yield { kind: "note", text: waitText(found) };
  const lock = await platform.lock(folder, { wait: true, ...(signal && { signal }) });
  if (!lock.taken) return lock;
  throw new TryAgain(`${folder}: another process writes to this run (${holderOf(lock)}). Wait until it has ended, or choose another --out`);
}

// The locks of a study's jobs, and who holds the one that was last found taken.
import type { LockOptions, Platform, TakenFolder } from "../platform/platform.ts";
import { clearPartials } from "../platform/partials.ts";
import { holderOf, waitText } from "../train/run-lock.ts";
import type { RunningContext } from "./study.ts";

/** Locks by the platform. With `wait`, a lock that is there is watched until it is certain that its holder lives; `onWait` is called first. */
export function jobLocks(
  platform: Pick<Platform, "lock" | "files">,
  { wait = false, onWait, ...options }: LockOptions & { readonly onWait: (text: string) => void },
): Pick<RunningContext, "lock" | "takenText"> {
  let holder: TakenFolder | null = null;
  return {
    async lock(folder) {
      let lock = await platform.lock(folder, options);
      if (lock.taken && wait) {
        onWait(waitText(lock));
        lock = await platform.lock(folder, { ...options, wait });
      }
      if (lock.taken) {
        holder = lock;
        return null;
      }
      const held = lock;
      await clearPartials(platform.files, folder);
      return () => held.release();
    },
    takenText: (name) => `${name} is run by another process${holder ? ` (${holderOf(holder)})` : ""}`,
  };
}

// The files of a study in one: those of the platform, the user's cases under a name of their own, and files that are held in memory.
import type { Files, Platform } from "../../platform/platform.ts";

/** What a study calls the user's folder. No file of the platform has the name. */
export const CASES = "(cases)";

/** The platform with more files. `cases`: the user's folder, below `CASES`. `held`: contents by path. */
export function mounted(
  platform: Platform,
  { cases, held = new Map() }: { readonly cases?: Files; readonly held?: ReadonlyMap<string, Uint8Array> },
): Platform {
  const own = platform.files;
  const inside = (path: string): string | null => {
    if (!cases || (path !== CASES && !path.startsWith(`${CASES}/`))) return null;
    return path.slice(CASES.length + 1);
  };
  const files: Files = {
    ...own,
    read: async (path, limitBytes) => {
      const at = inside(path);
      // The message of an error has the path as the study knows it.
      if (at !== null && cases) return cases.read(at, limitBytes);
      return held.get(path) ?? own.read(path, limitBytes);
    },
    exists: async (path) => {
      const at = inside(path);
      return at !== null && cases ? cases.exists(at) : held.has(path) || own.exists(path);
    },
    list: async (path) => {
      const at = inside(path);
      return at !== null && cases ? cases.list(at) : own.list(path);
    },
  };
  return { ...platform, files };
}

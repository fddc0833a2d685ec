// One writer per folder in a browser, by its own locks (Web Locks), which end with the page or the worker that holds them.
import type { FolderLock, TakenFolder } from "./platform.ts";

export function lockFolder(folder: string): Promise<FolderLock | TakenFolder> {
  const names = folder.split("/").filter((part) => part !== "" && part !== ".");
  return new Promise((resolve, reject) => {
    const held = navigator.locks.request(`striatum run ${names.join("/")}`, { ifAvailable: true }, (granted) => {
      if (!granted) return resolve({ taken: true, file: folder, host: "this browser" });
      return new Promise<void>((release) =>
        resolve({ taken: false, check: () => Promise.resolve(), release: () => Promise.resolve(release()) }),
      );
    });
    held.catch(reject);
  });
}

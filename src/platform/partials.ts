// Half-written files under temporary names, which a process leaves that is killed while it writes.
import type { Files } from "./platform.ts";

/** What `Files.write` of Node calls a file before it is whole. */
export const PARTIAL = /^\..+\.partial$/;

/** Removes those of a folder that this process alone writes to: whoever wrote them is gone. */
export async function clearPartials(files: Pick<Files, "exists" | "list" | "remove">, folder: string): Promise<void> {
  if (!(await files.exists(folder))) return;
  for (const name of await files.list(folder)) if (PARTIAL.test(name)) await files.remove(`${folder}/${name}`);
}

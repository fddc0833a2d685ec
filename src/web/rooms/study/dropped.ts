// The files of a folder that was dropped or chosen, with their paths below it. Nothing of their content is read.

export interface Placed {
  readonly path: string;
  readonly file: File;
}

/** Whether a drop has a folder. Must be asked before the first await: the list of a drop is empty after its event. */
export const droppedEntries = (transfer: DataTransfer): FileSystemEntry[] =>
  [...transfer.items].flatMap((item) => item.webkitGetAsEntry() ?? []);

/** All files of dropped entries. Of one folder the paths are below it, else each begins with its own name. */
export async function filesOf(entries: readonly FileSystemEntry[]): Promise<Placed[]> {
  const placed: Placed[] = [];
  const walk = async (entry: FileSystemEntry, path: string): Promise<void> => {
    if (entry.isFile) {
      placed.push({ path, file: await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject)) });
      return;
    }
    for (const child of await children(entry as FileSystemDirectoryEntry))
      await walk(child, path === "" ? child.name : `${path}/${child.name}`);
  };
  const [only] = entries;
  if (entries.length === 1 && only.isDirectory) await walk(only, "");
  else for (const entry of entries) await walk(entry, entry.name);
  return placed;
}

/** A reader gives a hundred entries at a time. */
async function children(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return all;
    all.push(...some);
  }
}

/** Files of an `<input webkitdirectory>`: their paths begin with the folder's own name. */
export const chosenFiles = (files: FileList): Placed[] =>
  [...files].map((file) => ({ path: file.webkitRelativePath.replace(/^[^/]*\//, "") || file.name, file }));

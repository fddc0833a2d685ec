// What a dataset asks of the platform's files, and where the paths of its manifest lead.

/** A part of the platform's Files. */
export interface ReadableFiles {
  /** Throws an error that names the file if it is missing or larger than `limitBytes`. */
  read(path: string, limitBytes?: number): Promise<Uint8Array>;
  /** Names in a folder, sorted; folders end in "/". An absent folder is an error. */
  list(path: string): Promise<string[]>;
  /** Whether a path is a symbolic link, and one that leads nowhere. Absent where the platform has no links. */
  link?(path: string): Promise<"whole" | "broken" | null>;
}

/** "folder/name", whether or not the folder ends in "/". */
export const under = (folder: string, name: string): string =>
  folder === "" || folder.endsWith("/") ? folder + name : `${folder}/${name}`;

/** Distinguishes files from folders among relative paths, asking once per parent folder; null where there is neither. */
export function pathFinder(files: ReadableFiles, dir: string): (path: string) => Promise<"file" | "folder" | null> {
  const listings = new Map<string, Promise<ReadonlySet<string>>>();
  const list = (parent: string): Promise<ReadonlySet<string>> => {
    const listing =
      listings.get(parent) ??
      files.list(under(dir, parent)).then(
        (names) => new Set(names),
        () => new Set<string>(),
      );
    listings.set(parent, listing);
    return listing;
  };
  return async (path) => {
    const cut = path.lastIndexOf("/") + 1;
    const names = await list(path.slice(0, cut));
    const name = path.slice(cut);
    if (names.has(name)) return "file";
    return names.has(`${name}/`) ? "folder" : null;
  };
}

// Where the library meets its host: the one place outside the command line that picks a platform, and how the things that users name are read.
import { openPlatform } from "#platform";
import type { Platform } from "../platform/platform.ts";

/** Where bytes come from: a file's path in Node, a URL in a browser; or the content itself, as bytes, a File or a Blob. */
export type Source = string | Uint8Array | FileLike;

/** What the library needs of a File or a Blob. */
export interface FileLike {
  /** What errors call it. Default "file". */
  readonly name?: string;
  /** Its content. Called once for each use. */
  arrayBuffer(): Promise<ArrayBuffer>;
}

const opened = new Map<string, Promise<Platform>>();

/** The host's platform, opened once for each adapter that was asked for. */
export function hostPlatform(adapter = "auto"): Promise<Platform> {
  const known = opened.get(adapter);
  if (known) return known;
  const opening = openPlatform(adapter === "auto" ? {} : { adapter });
  opened.set(adapter, opening);
  return opening;
}

/** The bytes of a source, and what an error calls it. */
export async function readSource(platform: Platform, source: Source): Promise<{ file: string; bytes: Uint8Array }> {
  if (typeof source === "string") return { file: source, bytes: await platform.load(source) };
  if (source instanceof Uint8Array) return { file: `${source.length} bytes`, bytes: source };
  return { file: source.name ?? "file", bytes: new Uint8Array(await source.arrayBuffer()) };
}

export const withoutSlash = (path: string): string => path.replace(/(?<=.)\/+$/, "");

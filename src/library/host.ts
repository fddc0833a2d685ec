// Where the library meets its host: the one place outside the command line that picks a platform, and how the things that users name are read.
import { openPlatform } from "#platform";
import type { Platform } from "../platform/platform.ts";

/**
 * Where bytes come from: a file's path (in Node) or a URL; or the content itself, as bytes, a File or a Blob. In a browser a string is a URL, relative to
 * the page; in Node it is a path unless it begins with http:, https:, data: or file:.
 */
export type Source = string | Uint8Array | ArrayBuffer | FileLike | UrlLike;

/** What the library needs of a File or a Blob. */
export interface FileLike {
  /** What errors call it. Default "file". */
  readonly name?: string;
  /** Its content. Called once for each use. */
  arrayBuffer(): Promise<ArrayBuffer>;
}

/** What the library needs of a URL. */
export interface UrlLike {
  /** The whole address. */
  readonly href: string;
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

export const withoutSlash = (path: string): string => path.replace(/(?<=.)\/+$/, "");

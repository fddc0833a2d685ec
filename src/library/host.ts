// The library's access to its host: selects the platform, and reads the files and URLs that users name.
import { openPlatform } from "#platform";
import type { Platform } from "../platform/platform.ts";

/** A path in Node, a URL in a browser; or the content itself. */
export type Source = string | Uint8Array | FileLike;

/** The part of File and Blob that the library uses. */
export interface FileLike {
  readonly name?: string;
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

/** The bytes of a source, and its name in errors. */
export async function readSource(platform: Platform, source: Source): Promise<{ file: string; bytes: Uint8Array }> {
  if (typeof source === "string") return { file: source, bytes: await platform.load(source) };
  if (source instanceof Uint8Array) return { file: `${source.length} bytes`, bytes: source };
  return { file: source.name ?? "file", bytes: new Uint8Array(await source.arrayBuffer()) };
}

export const withoutSlash = (path: string): string => path.replace(/(?<=.)\/+$/, "");

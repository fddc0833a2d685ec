// How the things that programs name are read: paths, addresses, bytes, files.
import { expectBytes, fetchKept, type DownloadOptions } from "../platform/download.ts";
import type { Platform } from "../platform/platform.ts";
import { inWords } from "./check.ts";
import type { FileLike, Source, UrlLike } from "./host.ts";

/** What a source may be, for errors. */
export const SOURCES = "a path, a URL, bytes (Uint8Array, ArrayBuffer), a File or a Blob";

/** Whether a value is a source. An element of a page is none, although it may have an address. */
export const isSource = (value: unknown): value is Source =>
  (typeof value === "string" && value !== "") ||
  value instanceof Uint8Array ||
  value instanceof ArrayBuffer ||
  (value instanceof URL && typeof value.href === "string") ||
  typeof (value as FileLike | null)?.arrayBuffer === "function";

/** How the bytes behind an address are fetched. */
export interface ReadOptions extends Pick<DownloadOptions, "onProgress" | "signal" | "integrity"> {
  /** Whether they are kept for the next time; or in which folder. */
  readonly cache?: boolean | string;
}

/** The bytes of a source, and what an error calls it. Throws a TypeError for what is not a source. */
export async function readSource(
  platform: Platform,
  source: Source,
  { cache, ...options }: ReadOptions = {},
): Promise<{ file: string; bytes: Uint8Array }> {
  if (!isSource(source)) throw new TypeError(`expected ${SOURCES}, got ${inWords(source)}`);
  const { onProgress, signal, integrity } = options;
  signal?.throwIfAborted();
  const address = typeof source === "string" ? source : "href" in source ? source.href : null;
  if (address !== null) {
    if (!(onProgress ?? signal ?? integrity) && !cache) return { file: address, bytes: await platform.load(address) };
    return { file: address, bytes: await fetchKept(platform, address, { ...options, cache: cache ?? false }) };
  }
  const file = source as Exclude<Source, string | UrlLike>;
  const bytes = file instanceof Uint8Array ? file : new Uint8Array(file instanceof ArrayBuffer ? file : await file.arrayBuffer());
  const name = "name" in file && file.name !== undefined ? file.name : "arrayBuffer" in file ? "file" : `${bytes.length} bytes`;
  await expectBytes(bytes, name, options);
  return { file: name, bytes };
}

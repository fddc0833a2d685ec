// Bytes behind an address, with progress, a check of what came, and a copy for the next time.
import { sha256Hex } from "../tensor/sha256.ts";
import type { Platform } from "./platform.ts";

export interface DownloadOptions {
  /** Called as bytes arrive; `total` is null where the server does not say. */
  readonly onProgress?: (received: number, total: number | null) => void;
  /** Ends the download; the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Hash of the content as in HTML's `integrity`: "sha256-" (or sha1, sha384, sha512) and the digest in base64. */
  readonly integrity?: string;
  /** Most bytes that are taken. Default 2^31. */
  readonly limitBytes?: number;
}

const DEFAULT_LIMIT_BYTES = 2 ** 31;
const ALGORITHMS: Readonly<Record<string, string>> = { sha1: "SHA-1", sha256: "SHA-256", sha384: "SHA-384", sha512: "SHA-512" };

/** Whether a string names an algorithm and a digest of its length. */
export function isIntegrity(value: unknown): boolean {
  const [, name, digest] = /^(sha\d+)-([A-Za-z0-9+/]+={0,2})$/.exec(String(value)) ?? [];
  if (name === undefined || !(name in ALGORITHMS)) return false;
  const bits = name === "sha1" ? 160 : Number(name.slice(3));
  return digest.replace(/=+$/, "").length === Math.ceil(bits / 6);
}

/** The bytes behind a URL. Throws an error that names it where the server does not answer, answers anything but 200, stops early or sends too much. */
export async function download(url: string, options: DownloadOptions = {}): Promise<Uint8Array> {
  const { onProgress, signal, limitBytes = DEFAULT_LIMIT_BYTES } = options;
  const response = await fetch(url, signal ? { signal } : {}).catch((error: unknown) => {
    signal?.throwIfAborted();
    throw new Error(`cannot load "${url}": the server does not answer, or does not let this page read it`, { cause: error });
  });
  if (response.status !== 200 || !response.body)
    throw new Error(`cannot load "${url}": the server says ${response.status} ${response.statusText}`.trimEnd());
  const total = lengthOf(response);
  const tooLarge = (bytes: number): Error =>
    new Error(`cannot load "${url}": it has ${bytes} bytes or more, over the limit of ${limitBytes} for this kind of file`);
  if (total !== null && total > limitBytes) {
    await response.body.cancel();
    throw tooLarge(total);
  }
  const parts: Uint8Array[] = [];
  let received = 0;
  onProgress?.(0, total);
  const reader = response.body.getReader();
  for (;;) {
    const { done, value } = await reader.read().catch((error: unknown) => {
      signal?.throwIfAborted();
      throw new Error(`cannot load "${url}": the connection ended after ${received} bytes`, { cause: error });
    });
    if (done) break;
    parts.push(value);
    received += value.length;
    if (received > limitBytes) {
      await reader.cancel();
      throw tooLarge(received);
    }
    onProgress?.(received, total);
  }
  if (total !== null && received !== total)
    throw new Error(`cannot load "${url}": the connection ended after ${received} of ${total} bytes`);
  const bytes = joined(parts, received);
  await expectBytes(bytes, url, options);
  return bytes;
}

/** Length that the server announces; null where it does not, or where it counts compressed bytes. */
function lengthOf({ headers }: Response): number | null {
  const length = Number(headers.get("content-length") ?? Number.NaN);
  return headers.has("content-encoding") || !Number.isSafeInteger(length) ? null : length;
}

function joined(parts: readonly Uint8Array[], length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** Throws unless the bytes have the hash that `integrity` names, if it is given. */
export async function expectBytes(bytes: Uint8Array, file: string, { integrity }: Pick<DownloadOptions, "integrity">): Promise<void> {
  if (integrity === undefined) return;
  if (!isIntegrity(integrity)) throw new TypeError(`integrity must be "sha256-" and a digest in base64, got ${JSON.stringify(integrity)}`);
  const [algorithm, digest] = integrity.split("-");
  const { buffer, byteOffset, byteLength } = bytes;
  // A digest takes no shared memory, which no file is read into.
  if (!(buffer instanceof ArrayBuffer)) throw new Error("internal: the bytes of a file lie in shared memory");
  const found = new Uint8Array(await crypto.subtle.digest(ALGORITHMS[algorithm], new Uint8Array(buffer, byteOffset, byteLength)));
  const base64 = btoa(String.fromCharCode(...found));
  if (base64.replace(/=+$/, "") !== digest.replace(/=+$/, ""))
    throw new Error(`${file}: its content has the hash ${algorithm}-${base64}, expected ${integrity}: damaged, or another file`);
}

export interface KeptOptions extends DownloadOptions {
  /** Whether the bytes are kept in the platform's cache; or the folder that they are kept in. */
  readonly cache: boolean | string;
}

/** The path of the copy of a URL's content. */
function keptAt({ cacheFolder }: Pick<Platform, "cacheFolder">, address: string, cache: boolean | string): string {
  const folder = typeof cache === "string" ? cache.replace(/(?<=.)\/+$/, "") : `${cacheFolder()}/downloads`;
  const name = /([\w.-]*)(?:[?#].*)?$/.exec(address)?.[1] ?? "";
  return `${folder}/${sha256Hex(address, 16)}${name && `-${name.slice(-80)}`}`;
}

/**
 * The bytes of a path or a URL. With a cache, those of the copy that an earlier call kept, where they have the hash wanted; else they are downloaded and kept. A copy
 * that cannot be written, for example because storage is full, is left out.
 */
export async function fetchKept(
  platform: Pick<Platform, "name" | "files" | "load" | "cacheFolder">,
  address: string,
  { cache, ...options }: KeptOptions,
): Promise<Uint8Array> {
  const { onProgress, signal } = options;
  if (platform.name === "node" && !/^(https?|data|blob):/.test(address)) {
    const bytes = await platform.load(address);
    signal?.throwIfAborted();
    await expectBytes(bytes, address, options);
    onProgress?.(bytes.length, bytes.length);
    return bytes;
  }
  if (cache === false) return download(address, options);
  const absolute = new URL(address, (globalThis as { readonly location?: { readonly href: string } }).location?.href).href;
  const path = keptAt(platform, absolute, cache);
  const { files } = platform;
  if (await files.exists(path)) {
    const kept = await files.read(path);
    const whole = await expectBytes(kept, path, options).then(
      () => true,
      () => false,
    );
    if (whole) {
      onProgress?.(kept.length, kept.length);
      return kept;
    }
  }
  const bytes = await download(absolute, options);
  await files.write(path, [bytes]).catch(() => undefined);
  return bytes;
}

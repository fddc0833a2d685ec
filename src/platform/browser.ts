// The platform in a browser: navigator.gpu, files of the origin's private file system, shader text carried in the bundle.
import type { FrameDecoders } from "../codecs/frame.ts";
import { CODECS } from "../codecs/syntaxes.ts";
import { SHADERS } from "virtual:shaders/scoring";
import { UnknownShader, type Files, type Platform, type PlatformOptions } from "./platform.ts";

/** Texts by name: those that scoring links at once, the others once they are wanted. */
const shaders = new Map(Object.entries(SHADERS));
const DEFAULT_READ_LIMIT_BYTES = 2 ** 31;

const ADVICE = `No WebGPU adapter was found. Use a browser with WebGPU (Chrome or Edge 113, Safari 26, Firefox 141 or later) over https or localhost,
with hardware acceleration turned on. Chrome's software adapter: --enable-unsafe-webgpu --use-webgpu-adapter=swiftshader.`;

/** What `#platform` opens in a browser, on a page or in a worker. Throws where the browser has no WebGPU. */
export async function openPlatform({ adapter }: PlatformOptions = {}): Promise<Platform> {
  if (adapter !== undefined) throw new Error(`adapter "${adapter}": a browser chooses its adapter itself; leave the option out`);
  if (!navigator.gpu) throw new Error(`This browser does not support WebGPU. ${ADVICE}`);
  return {
    name: "browser",
    gpu: navigator.gpu,
    shader,
    loadShaders,
    files,
    lock: async (folder) => (await import("./lock-browser.ts")).lockFolder(folder),
    availableMemory: () => null,
    cacheFolder: () => "cache",
    load,
    wait: (promise) => promise, // the browser's GPU process polls, not this thread
    now: () => performance.now(),
    inflate,
    decoders,
    host: { runtime: navigator.userAgent },
    adapterAdvice: ADVICE,
  };
}

const decoders: FrameDecoders = Object.fromEntries(
  Object.keys(CODECS).map((uid) => [
    uid,
    async (codeStream: Uint8Array) => (await import("../codecs/frame-decoders-browser.ts")).decoderOf(uid)(codeStream),
  ]),
);

async function loadShaders(): Promise<void> {
  const others = await import("virtual:shaders/others");
  for (const [name, text] of Object.entries(others.SHADERS)) shaders.set(name, text);
}

function shader(name: string): string {
  const text = shaders.get(name);
  if (text === undefined) throw new UnknownShader(name, shaders.keys());
  return text;
}

async function inflate(bytes: Uint8Array, limitBytes: number): Promise<Uint8Array> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  const compressed = new Blob([new Uint8Array(bytes)]).stream();
  const reader = compressed.pipeThrough(new DecompressionStream("deflate-raw")).getReader();
  for (;;) {
    const { done, value } = await reader.read().catch((error: unknown) => {
      throw new Error("inflate: the deflate data is damaged", { cause: error });
    });
    if (done) return new Uint8Array(await new Blob(parts).arrayBuffer());
    size += value.length;
    if (size > limitBytes) {
      await reader.cancel();
      throw new Error(
        `inflate: ${bytes.length} bytes inflate to more than ${limitBytes} bytes: the data is damaged or a decompression bomb`,
      );
    }
    parts.push(value);
  }
}

async function load(url: string, limitBytes = DEFAULT_READ_LIMIT_BYTES): Promise<Uint8Array> {
  const response = await fetch(url).catch((error: unknown) => {
    throw new Error(`cannot load "${url}": the server does not answer, or does not let this page read it`, { cause: error });
  });
  if (response.status !== 200) throw new Error(`cannot load "${url}": the server says ${response.status} ${response.statusText}`.trimEnd());
  const blob = await response.blob();
  if (blob.size > limitBytes)
    throw new Error(`cannot load "${url}": it has ${blob.size} bytes, over the limit of ${limitBytes} for this kind of file`);
  return new Uint8Array(await blob.arrayBuffer());
}

/** Splits "runs/a/b.json" into the names of its folders and its own; "." and empty parts fall away. */
const split = (path: string): string[] => path.split("/").filter((part) => part !== "" && part !== ".");

async function folder(names: readonly string[], create: boolean): Promise<FileSystemDirectoryHandle> {
  let at = await navigator.storage.getDirectory();
  for (const name of names) at = await at.getDirectoryHandle(name, { create });
  return at;
}

async function file(path: string, create: boolean): Promise<FileSystemFileHandle> {
  const names = split(path);
  return (await folder(names.slice(0, -1), create)).getFileHandle(names.at(-1) ?? "", { create });
}

const isMissing = (error: unknown): boolean => error instanceof DOMException && error.name === "NotFoundError";

async function explaining<T>(doing: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
    const cause =
      error.name === "QuotaExceededError"
        ? "the browser's storage for this site is full; export and remove old runs"
        : isMissing(error)
          ? "there is no such file or folder; check the spelling"
          : error.message;
    throw new Error(`${doing}: ${cause} (${error.name})`, { cause: error });
  }
}

/** A writable of OPFS is a swap file that takes the file's place when closed: all or nothing. */
async function replace(path: string, keep: boolean, content: string | Iterable<Uint8Array>): Promise<void> {
  const isNew = !(await files.exists(path));
  const handle = await file(path, true);
  const writable = await handle.createWritable({ keepExistingData: keep });
  try {
    if (keep) await writable.seek((await handle.getFile()).size);
    for (const part of typeof content === "string" ? [content] : content)
      await writable.write(typeof part === "string" ? part : new Uint8Array(part));
    await writable.close();
  } catch (error) {
    await writable.abort().catch(() => undefined);
    if (isNew) await files.remove(path);
    throw error;
  }
}

/** Appends one after another, else two would start from the same end of the file. */
let lastAppend: Promise<void> = Promise.resolve();

const files: Files = {
  read: (path, limitBytes = DEFAULT_READ_LIMIT_BYTES) =>
    explaining(`cannot read "${path}"`, async () => {
      const blob = await (await file(path, false)).getFile();
      if (blob.size > limitBytes)
        throw new Error(`cannot read "${path}": it has ${blob.size} bytes, over the limit of ${limitBytes} for this kind of file`);
      return new Uint8Array(await blob.arrayBuffer());
    }),

  exists: (path) =>
    file(path, false).then(
      () => true,
      () =>
        folder(split(path), false).then(
          () => true,
          () => false,
        ),
    ),

  list: (path) =>
    explaining(`cannot list "${path}"`, async () => {
      const names: string[] = [];
      for await (const [name, handle] of (await folder(split(path), false)).entries())
        names.push(handle.kind === "directory" ? `${name}/` : name);
      return names.sort();
    }),

  write: (path, content) => explaining(`cannot write "${path}"`, () => replace(path, false, content)),

  append: (path, line) => {
    const appended = lastAppend.then(() => explaining(`cannot append to "${path}"`, () => replace(path, true, `${line}\n`)));
    lastAppend = appended.catch(() => undefined);
    return appended;
  },

  remove: (path) =>
    explaining(`cannot remove "${path}"`, async () => {
      const names = split(path);
      try {
        await (await folder(names.slice(0, -1), false)).removeEntry(names.at(-1) ?? "");
      } catch (error) {
        if (!isMissing(error)) throw error;
      }
    }),
};

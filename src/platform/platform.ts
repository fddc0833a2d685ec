// The platform interface: everything the project needs from its host. node.ts and browser.ts implement it; only the command line, the page
// and the library's entry point pick one, all others receive it as an argument.

import type { FrameDecoders } from "../codecs/frame.ts";

/** A shader file that does not exist, or that a browser has not yet fetched. */
export class UnknownShader extends Error {
  constructor(name: string, known: Iterable<string>) {
    super(`shader "${name}": not in shaders/, which contains ${[...known].join(", ")}`);
  }
}

export interface PlatformOptions {
  /** A part of the adapter's name. Default: the platform's choice. */
  readonly adapter?: string;
}

/** A folder that this process alone writes to. */
export interface FolderLock {
  readonly taken: false;
  /** Throws where another process has taken the folder over, as it does after minutes without a sign of life. */
  check(): Promise<void>;
  release(): Promise<void>;
}

/** A folder that another process writes to. */
export interface TakenFolder {
  readonly taken: true;
  /** What locks it. */
  readonly file: string;
  /** Where its holder runs, as far as that is known. */
  readonly host: string | null;
}

/** Main memory that is left. */
export interface AvailableMemory {
  readonly bytes: number;
  /** What limits it, for people. */
  readonly by: string;
}

export interface LockOptions {
  /** Waits, where the folder is locked, until it is certain that the holder lives, or is gone. Default false. */
  readonly wait?: boolean;
  /** Ends the wait. */
  readonly signal?: AbortSignal;
}

export interface Platform {
  readonly name: "node" | "browser";
  /** WebGPU's entry point. The platform keeps it referenced: Dawn dies when it is collected while a device lives. */
  readonly gpu: GPU;
  /** Text of `shaders/NAME`, for example "lrn.wgsl" or "lib/philox.wgsl". Throws UnknownShader for a name that it does not know, or not yet. */
  shader(name: string): string;
  /** Resolves when `shader` knows every file of shaders/. A browser starts with those that scoring links, and fetches the others here. */
  loadShaders(): Promise<void>;
  readonly files: Files;
  /** Locks a folder for this process, and makes it if it is missing. A lock whose holder is gone is taken over. */
  lock(folder: string, options?: LockOptions): Promise<FolderLock | TakenFolder>;
  /** Main memory that this process can still take before the system ends it; null where the system does not say. */
  availableMemory(): AvailableMemory | null;
  /** Folder for this machine's measurements: for `files`, per user and program. */
  cacheFolder(): string;
  /**
   * The bytes of a source: in Node a file's path or an absolute URL, in a browser a URL. Throws an error that names it if it cannot be read or is larger than
   * `limitBytes`.
   */
  load(source: string, limitBytes?: number): Promise<Uint8Array>;
  /** Waits for a GPU promise without spinning a core that the adapter may need. */
  wait<T>(promise: Promise<T>): Promise<T>;
  /** Milliseconds since some fixed moment. */
  now(): number;
  /** Inflates raw deflate (RFC 1951); throws for more than `limitBytes`. */
  readonly inflate: (bytes: Uint8Array, limitBytes: number) => Promise<Uint8Array>;
  /**
   * Codecs of compressed DICOM frames that are not ours, by transfer syntax UID. They run in a worker, and reject with an Error on damage,
   * at the latest after some seconds.
   */
  readonly decoders: FrameDecoders;
  /** Runtime, WebGPU build and toggles, for reproducing a result. Versions only, no paths and no host name. */
  readonly host: Readonly<Record<string, string>>;
  /** Advice if no adapter is found. */
  readonly adapterAdvice: string;
}

/** Files by path. In Node the file system, in a browser the origin's private one. */
export interface Files {
  /** Throws an error that names the file if it is missing or larger than `limitBytes`. */
  read(path: string, limitBytes?: number): Promise<Uint8Array>;
  exists(path: string): Promise<boolean>;
  /** Names in a folder, sorted; folders end in "/". An absent folder is an error. */
  list(path: string): Promise<string[]>;
  /** Whether a path is a symbolic link, and one that leads nowhere. Absent where the platform has no links. */
  link?(path: string): Promise<"whole" | "broken" | null>;
  /** Writes a whole file, or nothing: a temporary name first, renamed at the end. Makes the folders above it. */
  write(path: string, content: string | Iterable<Uint8Array>): Promise<void>;
  /** Appends one line (a newline is added) and hands it to the operating system at once. */
  append(path: string, line: string): Promise<void>;
  /** Removes a file or an empty folder; absent is fine. */
  remove(path: string): Promise<void>;
}

// Hides the two lines that Dawn prints to stderr about Mesa's software adapter, whatever is asked of it (docs/decisions/0010-dawn-warnings.md).
import { closeSync, constants, fstatSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isMainThread } from "node:worker_threads";

const KNOWN = /^Warning: maxDynamic(?:Uniform|Storage)BuffersPerPipelineLayout artificially reduced from \d+ to \d+ .*\n/gm;
const STDERR = 2;

/**
 * Does what `call` does, without Dawn's two warnings on stderr; what else is printed meanwhile follows when it returns. File descriptor 2 is another
 * file while `call` runs. Node replaces a descriptor in two steps, closing and opening, and a file opened between them by another thread would take its
 * place. So nothing is replaced, and nothing hidden, where a thread may be opening files, and where stderr cannot be opened again as it was.
 */
export function withoutKnownWarnings<T>(call: () => T): T {
  const restore = isAlone() && redirect();
  if (!restore) return call();
  try {
    return call();
  } finally {
    const rest = restore().replaceAll(KNOWN, "");
    if (rest !== "") print(rest);
  }
}

/** No request to the file system (but to close a file) or for a host's address is under way, no worker runs, and nothing waits to be printed. */
const isAlone = (): boolean =>
  isMainThread &&
  process.stderr.writableLength === 0 &&
  !process.getActiveResourcesInfo().some((name) => /(?<!Close)Req|Worker|MessagePort/.test(name));

/** Points stderr at a file. Returns what undoes it and gives the file's text; null where stderr is no terminal or pipe that this process may open. */
function redirect(): (() => string) | null {
  if (process.platform !== "linux") return null;
  const opened: number[] = [];
  const open = (path: string, flags: number): number => {
    const descriptor = openSync(path, flags | constants.O_NOCTTY, 0o600);
    opened.push(descriptor);
    return descriptor;
  };
  const close = (): void => opened.forEach((descriptor) => closeSync(descriptor));
  try {
    fstatSync(0);
    fstatSync(1); // below 2 no descriptor is free
    const stats = fstatSync(STDERR);
    // A file that is opened again does not share the position of the first.
    if (!stats.isFIFO() && !stats.isCharacterDevice()) return null;
    // To open a pipe with a name for writing waits for a reader: this is one. It reads nothing.
    if (stats.isFIFO()) open("/proc/self/fd/2", constants.O_RDWR);
    const stderr = open("/proc/self/fd/2", constants.O_WRONLY);
    const text = openScratch(open);
    replaceStderr(text, constants.O_WRONLY | constants.O_APPEND);
    return () => {
      replaceStderr(stderr, constants.O_WRONLY);
      const printed = readFileSync(text, "utf8");
      close();
      return printed;
    };
  } catch {
    close();
    return null;
  }
}

/** A file without a name, readable and writable. */
function openScratch(open: (path: string, flags: number) => number): number {
  const folder = mkdtempSync(join(tmpdir(), "striatum-"));
  try {
    return open(join(folder, "stderr"), constants.O_RDWR | constants.O_CREAT | constants.O_EXCL);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The lowest free descriptor is the next to be opened. It must not stay free: what the program opens next would take it. */
function replaceStderr(by: number, flags: number): void {
  closeSync(STDERR);
  try {
    openSync(`/proc/self/fd/${by}`, flags | constants.O_NOCTTY);
  } catch {
    openSync("/dev/null", constants.O_WRONLY);
  }
}

function print(text: string): void {
  try {
    writeFileSync(STDERR, text);
  } catch {
    // Nobody reads it any more.
  }
}

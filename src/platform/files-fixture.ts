// The platform's files in a map, for tests.
import type { Files } from "./platform.ts";

const bytesOf = (content: string | Iterable<Uint8Array>): Uint8Array =>
  typeof content === "string" ? new TextEncoder().encode(content) : Uint8Array.from([...content].flatMap((part) => [...part]));

/** The platform's files, in a map. */
export function memoryFiles(kept: Map<string, Uint8Array>): Files {
  return {
    read: async (path) => {
      const content = kept.get(path);
      if (!content) throw new Error(`cannot read "${path}"`);
      return content;
    },
    exists: async (path) => kept.has(path) || [...kept.keys()].some((name) => name.startsWith(`${path}/`)),
    list: async (path) => [...kept.keys()].filter((name) => name.startsWith(`${path}/`)).map((name) => name.slice(path.length + 1)),
    write: async (path, content) => void kept.set(path, bytesOf(content)),
    append: async (path, line) => void kept.set(path, bytesOf([kept.get(path) ?? new Uint8Array(0), bytesOf(`${line}\n`)])),
    remove: async (path) => void kept.delete(path),
  };
}

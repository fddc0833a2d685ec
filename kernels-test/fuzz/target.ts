// A reader under attack: its seeds, how they are mutated, and what an accepted input must be.
import type { Mutate } from "./mutate-bytes.ts";

export interface Seed {
  readonly name: string;
  readonly bytes: Uint8Array;
}

export interface Target {
  readonly seeds: readonly Seed[];
  readonly mutate: Mutate;
  /** Reads an input as the program would; `file` is its name, which errors must contain. */
  read(bytes: Uint8Array, file: string): Promise<unknown>;
  /** What is wrong with an accepted value; null where nothing is. */
  wrong?(value: never): string | null;
}

/** Typed over what is read. */
export const target = <T>(given: {
  readonly seeds: readonly Seed[];
  readonly mutate: Mutate;
  readonly read: (bytes: Uint8Array, file: string) => Promise<T>;
  readonly wrong?: (value: T) => string | null;
}): Target => given;

export const seed = (name: string, content: Uint8Array | string): Seed => ({
  name,
  bytes: typeof content === "string" ? new TextEncoder().encode(content) : content,
});

/** A seed of JSON. */
export const jsonSeed = (name: string, value: unknown): Seed => seed(name, JSON.stringify(value));

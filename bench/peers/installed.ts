// The peers' packages, of this folder's own package.json, which the project does not depend on. Types are declared where they are used,
// so that the project's checks hold whether or not they are installed.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const require = createRequire(import.meta.url);

export const INSTALL = "npm ci --prefix bench/peers --ignore-scripts";

/** Those of the packages that are not there. */
export const missing = (packages: Iterable<string>): string[] => [...new Set(packages)].filter((name) => !isInstalled(name));

function isInstalled(name: string): boolean {
  try {
    require.resolve(name);
    return true;
  } catch {
    return false;
  }
}

/** The CommonJS exports of an installed package. */
export const load = (name: string): unknown => require(name);

/** The file that a package's name stands for. */
export const fileOf = (name: string): string => require.resolve(name);

export function versionOf(name: string): string {
  // Not every package exports its package.json: it is in a folder above the package's main file.
  for (let folder = dirname(fileOf(name)); ; folder = dirname(folder)) {
    try {
      const read = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { name?: string; version?: string };
      if (read.name === name && read.version !== undefined) return read.version;
    } catch {
      if (folder === dirname(folder)) throw new Error(`${name}: its package.json was not found`);
    }
  }
}

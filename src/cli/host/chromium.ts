// The path of Chromium, for the tests that run in a browser.
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

const NAMES = ["chromium", "google-chrome", "google-chrome-stable"];

/** The path of STRIATUM_CHROMIUM, or of the first Chromium or Chrome on the search path; undefined if there is none. */
export function findChromium(env: NodeJS.ProcessEnv = process.env): string | undefined {
  if (env.STRIATUM_CHROMIUM) return env.STRIATUM_CHROMIUM;
  const folders = (env.PATH ?? "").split(delimiter);
  return NAMES.flatMap((name) => folders.map((folder) => join(folder, name))).find((path) => existsSync(path));
}

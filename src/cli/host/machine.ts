// Reads what setup's plan depends on: the release, installed packages and apt's sources.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { AptSource, Machine } from "./driver-plan.ts";

const KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg";

/** True if the search path has the command. */
export const hasCommand = (name: string): boolean =>
  (process.env.PATH ?? "").split(delimiter).some((folder) => existsSync(join(folder, name)));

export function readMachine(): Machine {
  const hasApt = hasCommand("apt-get") && hasCommand("dpkg-query");
  return {
    platform: process.platform,
    hasApt,
    release: existsSync("/etc/os-release") ? parseRelease(readFileSync("/etc/os-release", "utf8")) : {},
    installed: hasApt ? installedVersions(["mesa-vulkan-drivers", "libvulkan1"]) : {},
    sources: hasApt ? aptSources() : [],
    ...(existsSync(KEYRING) ? { keyring: KEYRING } : {}),
  };
}

/** NAME=value lines, the value quoted or not. */
function parseRelease(text: string): Record<string, string> {
  const pairs = [...text.matchAll(/^([A-Z_]+)=(["']?)(.*)\2$/gm)];
  return Object.fromEntries(pairs.map(([, name, , value]) => [name, value]));
}

/** Versions of those of `packages` that are installed (and not only known, or removed with their settings left). */
export function installedVersions(packages: readonly string[]): Record<string, string> {
  const lines = output("dpkg-query", ["-W", "-f=${Package} ${db:Status-Status} ${Version}\\n", ...packages]).split("\n");
  const fields = lines.map((line) => line.split(" ")).filter(([, status]) => status === "installed");
  return Object.fromEntries(fields.map(([name, , version]) => [name, version]));
}

/** apt's own reading of its sources, so that neither file format needs a parser here. */
function aptSources(): AptSource[] {
  const format = "$(RELEASE)\t$(CODENAME)\t$(REPO_URI)\t$(COMPONENT)";
  const lines = output("apt-get", ["indextargets", "--format", format, "Created-By: Packages"]).split("\n");
  return lines
    .map((line) => line.split("\t"))
    .filter((fields) => fields.length === 4)
    .map(([suite, codename, uri, component]) => ({ suite, codename, uri, component }));
}

/** What the command writes to stdout; empty if it fails. */
const output = (command: string, args: readonly string[]): string => spawnSync(command, args, { encoding: "utf8" }).stdout ?? "";

// Main memory that this process can still take: what the machine has left (proc(5), meminfo), and what its control groups leave it (cgroups(7)), of which
// containers and batch systems make use. Whoever takes more is killed without a word.
import { readFileSync } from "node:fs";
import type { AvailableMemory } from "./platform.ts";

/** The text of a file, or null where there is none. */
type ReadText = (path: string) => string | null;

const readText: ReadText = (path) => {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
};

/** The least of what the machine and each control group leave; null where the system says nothing of it. */
export function availableMemory(read: ReadText = readText): AvailableMemory | null {
  const found = [ofMachine(read), ...groupsOf(read).map((group) => ofGroup(group, read))];
  return found.reduce((least, one) => (one && (!least || one.bytes < least.bytes) ? one : least), null);
}

/** What can be had without swapping, and the swap space that is free. */
function ofMachine(read: ReadText): AvailableMemory | null {
  const text = read("/proc/meminfo");
  const kilobytes = (name: string): number | null => numberIn(text, new RegExp(`^${name}: +(\\d+) kB$`, "m"));
  const available = kilobytes("MemAvailable");
  return available === null ? null : { bytes: 1024 * (available + (kilobytes("SwapFree") ?? 0)), by: "this machine" };
}

interface Group {
  readonly folder: string;
  /** Names of the files, which differ between the versions. */
  readonly limit: string;
  readonly usage: string;
  /** Fields of memory.stat with pages of files, which are given back where memory is needed. */
  readonly files: readonly string[];
}

const VERSIONS = {
  1: { limit: "memory.limit_in_bytes", usage: "memory.usage_in_bytes", files: ["total_inactive_file", "total_active_file"] },
  2: { limit: "memory.max", usage: "memory.current", files: ["inactive_file", "active_file"] },
} as const;

/** This process's groups and those above them: each limits all that is in it. In a container the path may be the host's, and the root the own group. */
function groupsOf(read: ReadText): Group[] {
  const lines = (read("/proc/self/cgroup") ?? "").split("\n").map((line) => /^\d+:([^:]*):(.*)$/.exec(line));
  return lines.flatMap((line) => {
    if (!line) return [];
    const [, controllers, path] = line;
    const version = controllers === "" ? 2 : controllers.split(",").includes("memory") ? 1 : null;
    if (version === null) return [];
    const root = `/sys/fs/cgroup${version === 1 ? "/memory" : ""}`;
    const parts = path.split("/").filter((part) => part !== "");
    return Array.from({ length: parts.length + 1 }, (_, depth) => ({
      folder: [root, ...parts.slice(0, depth)].join("/"),
      ...VERSIONS[version],
    }));
  });
}

function ofGroup({ folder, limit, usage, files }: Group, read: ReadText): AvailableMemory | null {
  const most = numberIn(read(`${folder}/${limit}`), /^(\d+)$/m);
  const taken = numberIn(read(`${folder}/${usage}`), /^(\d+)$/m);
  // "max", or a number beyond any machine.
  if (most === null || most > 2 ** 60 || taken === null) return null;
  const stat = read(`${folder}/memory.stat`);
  const ofFiles = files.reduce((sum, field) => sum + (numberIn(stat, new RegExp(`^${field} (\\d+)$`, "m")) ?? 0), 0);
  return { bytes: Math.max(0, most - Math.max(0, taken - ofFiles)), by: `the control group ${folder}` };
}

function numberIn(text: string | null, pattern: RegExp): number | null {
  const match = pattern.exec(text ?? "");
  return match ? Number(match[1]) : null;
}

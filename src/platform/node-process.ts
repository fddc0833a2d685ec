// Names of processes that hold beyond one machine and one container: what a lock and a half-written file say of who made them.
import { createHash } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";

/** The boot of the machine and the namespace of process numbers (proc(5), pid_namespaces(7)), hashed; null where the system does not say. */
export function ownNamespace(): string | null {
  try {
    const facts = `${readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()} ${readlinkSync("/proc/self/ns/pid")}`;
    return createHash("sha256").update(facts).digest("hex").slice(0, 16);
  } catch {
    return null;
  }
}

/** Whether a process of this process's own namespace is certainly gone. */
export function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // A process that has ended keeps its number until its parent asks for its exit code: Z, a zombie (proc(5)).
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).startsWith("Z");
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
}

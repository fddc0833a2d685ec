// Available memory, read from files as Linux writes them.
import { expect, test } from "vitest";
import { availableMemory } from "./node-memory.ts";

const MEMINFO = "MemTotal:       24000000 kB\nMemFree:          100000 kB\nMemAvailable:    8000000 kB\nSwapFree:         500000 kB\n";
const of = (files: Readonly<Record<string, string>>) => availableMemory((path) => files[path] ?? null);

test("without a limit it is what the machine can give, with its free swap", () => {
  expect(of({ "/proc/meminfo": MEMINFO })).toEqual({ bytes: 1024 * 8_500_000, by: "this machine" });
  expect(of({})).toBeNull();
});

test("a control group's limit counts where it leaves less, pages of files apart; also one above the own", () => {
  const v2 = {
    "/proc/meminfo": MEMINFO,
    "/proc/self/cgroup": "0::/slurm/job_1/step\n",
    "/sys/fs/cgroup/slurm/job_1/step/memory.max": "max\n",
    "/sys/fs/cgroup/slurm/job_1/step/memory.current": "1000\n",
    "/sys/fs/cgroup/slurm/job_1/memory.max": "5000000000\n",
    "/sys/fs/cgroup/slurm/job_1/memory.current": "3000000000\n",
    "/sys/fs/cgroup/slurm/job_1/memory.stat": "anon 900000000\nfile 2100000000\ninactive_file 1500000000\nactive_file 500000000\n",
  };
  expect(of(v2)).toEqual({ bytes: 4_000_000_000, by: "the control group /sys/fs/cgroup/slurm/job_1" });
});

test("so does one of the first version, and a limit beyond any machine is none", () => {
  const v1 = (limit: string) => ({
    "/proc/meminfo": MEMINFO,
    "/proc/self/cgroup": "9:name=systemd:/\n4:memory:/docker/abc\n0::/\n",
    // In a container the own group is the root.
    "/sys/fs/cgroup/memory/memory.limit_in_bytes": limit,
    "/sys/fs/cgroup/memory/memory.usage_in_bytes": "600000000\n",
    "/sys/fs/cgroup/memory/memory.stat": "inactive_file 1\ntotal_inactive_file 100000000\ntotal_active_file 0\n",
  });
  expect(of(v1("2000000000\n"))).toEqual({ bytes: 1_500_000_000, by: "the control group /sys/fs/cgroup/memory" });
  expect(of(v1("9223372036854771712\n"))).toEqual({ bytes: 1024 * 8_500_000, by: "this machine" });
});

test("a group over its limit leaves nothing", () => {
  const full = {
    "/proc/self/cgroup": "0::/",
    "/sys/fs/cgroup/memory.max": "1000",
    "/sys/fs/cgroup/memory.current": "1500",
  };
  expect(of(full)?.bytes).toBe(0);
});

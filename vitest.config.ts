// Tests grouped by what they need: `cpu` needs nothing, `shaders` Dawn's null backend, `gpu` any adapter, `browser` Chromium;
// `fuzz` tries readers with mutated files, and programs that are killed, in processes of their own.
// Unit tests of pure rooms lie beside their files; everything that touches a shader lies in kernels-test.
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    testTimeout: 120_000,
    hookTimeout: 120_000,
    projects: [
      { extends: true, test: { name: "cpu", include: ["src/**/*.test.ts", "bench/**/*.test.ts"], pool: "threads" } },
      { extends: true, test: { name: "shaders", include: ["kernels-test/shaders/**/*.test.ts"], pool: "forks" } },
      {
        extends: true,
        // One worker, one device: two would fight for the cores of a software adapter.
        test: {
          name: "gpu",
          include: ["kernels-test/*.test.ts", "kernels-test/{models,engine,train,library}/**/*.test.ts"],
          pool: "forks",
          maxWorkers: 1,
          isolate: false,
        },
      },
      { extends: true, test: { name: "cli", include: ["kernels-test/cli/**/*.test.ts"], pool: "forks", maxWorkers: 1 } },
      { extends: true, test: { name: "fuzz", include: ["kernels-test/{fuzz,crash}/**/*.test.ts"], pool: "forks", maxWorkers: 1 } },
      { extends: true, test: { name: "package", include: ["kernels-test/package/**/*.test.ts"], pool: "forks", maxWorkers: 1 } },
      { extends: true, test: { name: "browser", include: ["kernels-test/browser/**/*.test.ts"], pool: "forks", maxWorkers: 1 } },
    ],
  },
});

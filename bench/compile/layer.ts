// Mesa's AMD driver on a device without hardware: the packages it needs, the Vulkan layer of null-layer.c that makes the device usable, built once into
// the cache, and the environment of a process that compiles with it.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, isAbsolute, join } from "node:path";
import { fileURLToPath } from "node:url";

/** GPUs that the driver compiles for and LLVM 15 disassembles, by the driver's names. */
export const GPUS = {
  navi21: "RDNA 2",
  navi31: "RDNA 3",
  navi33: "RDNA 3, fewer registers",
  polaris10: "GCN 4",
  vega10: "GCN 5",
  mi100: "CDNA 1",
  mi200: "CDNA 2",
} as const;
export type Gpu = keyof typeof GPUS;

const ICD_FOLDERS = ["/usr/share/vulkan/icd.d", "/etc/vulkan/icd.d"];
const SOURCE = fileURLToPath(new URL("null-layer.c", import.meta.url));
const LAYER = "VK_LAYER_STRIATUM_null";

/** Path of RADV's manifest. */
function driverManifest(): string | undefined {
  return ICD_FOLDERS.filter((folder) => existsSync(folder))
    .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))
    .find((path) => /\/radeon_icd[^/]*\.json$/.test(path));
}

/** Debian packages that are not installed, of those that `compilerEnvironment` needs. */
export function missingPackages(): string[] {
  const onPath = (program: string): boolean =>
    (process.env.PATH ?? "").split(delimiter).some((folder) => existsSync(join(folder, program)));
  const needed: Readonly<Record<string, boolean>> = {
    gcc: onPath("gcc"),
    "libc6-dev": existsSync("/usr/include/stdio.h"),
    "libvulkan-dev": existsSync("/usr/include/vulkan/vk_layer.h"),
    "mesa-vulkan-drivers": driverManifest() !== undefined,
  };
  return Object.keys(needed).filter((name) => !needed[name]);
}

export interface CompilerOptions {
  readonly gpu: Gpu;
  /** Folder that gets the driver's reports. */
  readonly reports: string;
  /** Lanes of a subgroup on RDNA; default: 64, what Dawn asks for. */
  readonly lanes?: 32 | 64;
}

/** Environment of a process in which WebGPU's only adapter is the driver's compiler for `gpu`. Throws where a package is missing. */
export function compilerEnvironment({ gpu, reports, lanes }: CompilerOptions): NodeJS.ProcessEnv {
  const missing = missingPackages();
  const driver = driverManifest();
  if (missing.length > 0 || driver === undefined) {
    throw new Error(`the GPU compiler needs Debian packages that are not installed:  apt-get install ${missing.join(" ")}`);
  }
  return {
    ...process.env,
    RADV_FORCE_FAMILY: gpu,
    MESA_SHADER_CACHE_DISABLE: "true",
    VK_DRIVER_FILES: driver,
    VK_LAYER_PATH: buildLayer(),
    VK_INSTANCE_LAYERS: LAYER,
    STRIATUM_COMPILED: reports,
    STRIATUM_DAWN: "",
    ...(lanes && { STRIATUM_LANES: String(lanes) }),
  };
}

/** Folder of the compiled layer and its manifest: compiled when there is none of this source, outside the repository. */
function buildLayer(): string {
  const hash = createHash("sha256").update(readFileSync(SOURCE)).digest("hex").slice(0, 12);
  const caches = process.env.XDG_CACHE_HOME;
  const folder = join(caches !== undefined && isAbsolute(caches) ? caches : join(homedir(), ".cache"), "striatum", `null-layer-${hash}`);
  const library = join(folder, "libnull-layer.so");
  if (!existsSync(library)) {
    mkdirSync(folder, { recursive: true });
    const unfinished = `${library}.${process.pid}`;
    execFileSync("gcc", ["-O1", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-fvisibility=hidden", "-o", unfinished, SOURCE]);
    const manifest = {
      file_format_version: "1.2.0",
      layer: {
        name: LAYER,
        type: "GLOBAL",
        library_path: library,
        api_version: "1.3.239",
        implementation_version: "1",
        description: "Records and submits nothing; reports what the driver compiles",
      },
    };
    writeFileSync(join(folder, "null-layer.json"), JSON.stringify(manifest));
    renameSync(unfinished, library);
  }
  return folder;
}

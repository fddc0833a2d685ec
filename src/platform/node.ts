// The platform in Node: Dawn through npm's `webgpu`, files of the file system, shader text from shaders/.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { inflateRaw } from "node:zlib";
import { withoutKnownWarnings } from "./dawn-warnings.ts";
import { dawnFlags } from "./dawn.ts";
import type { DawnOptions } from "./dawn.ts";
import { openFrameDecoders } from "../codecs/frame-decoders-node.ts";
import { nodeFiles } from "./node-files.ts";
import { lockFolder } from "./node-lock.ts";
import { availableMemory } from "./node-memory.ts";
import { UnknownShader, type Platform, type PlatformOptions } from "./platform.ts";

const ADVICE = `No WebGPU adapter was found. Run  npm run setup  : on Debian and Ubuntu it installs the software Vulkan driver.
By hand: the packages mesa-vulkan-drivers (version 23 or later; on Debian 12 from bookworm-backports) and libvulkan1.
If they are installed, check that VK_DRIVER_FILES, VK_ICD_FILENAMES and VK_LOADER_DRIVERS_SELECT are unset or name an installed driver.`;

/** What Dawn's `create()` returned. Dropping one while its device lives ends the process with SIGSEGV or SIGABRT, so none is dropped. */
const instances: GPU[] = [];

/** Opens the platform. Toggles from STRIATUM_DAWN are added (dawn.ts). Throws if Dawn's binary does not load on this machine. */
export async function openNodePlatform(options: DawnOptions = {}): Promise<Platform> {
  const { profile, flags, quiet } = dawnFlags(options, process.env.STRIATUM_DAWN);
  const { create, globals } = await loadDawn();
  Object.assign(globalThis, globals); // GPUBufferUsage and the other constants
  const gpu = create(flags);
  instances.push(gpu);
  if (quiet) {
    const requestAdapter = gpu.requestAdapter.bind(gpu);
    gpu.requestAdapter = (wanted) => withoutKnownWarnings(() => requestAdapter(wanted));
  }
  return {
    name: "node",
    gpu,
    shader: shaderText,
    loadShaders: () => Promise.resolve(),
    files: nodeFiles,
    lock: (folder, options) => lockFolder(folder, options),
    availableMemory: () => availableMemory(),
    cacheFolder,
    load,
    wait: waitWithoutSpinning,
    now: () => performance.now(),
    inflate,
    decoders: openFrameDecoders(),
    host: {
      runtime: `node ${process.versions.node}`,
      system: `${process.platform} ${process.arch}`,
      webgpu: (createRequire(import.meta.url)("webgpu/package.json") as { version: string }).version,
      dawnProfile: profile,
      dawnFlags: flags.join(" "),
    },
    adapterAdvice: ADVICE,
  };
}

/** What `#platform` opens in Node. */
export const openPlatform = (options: PlatformOptions = {}): Promise<Platform> => openNodePlatform(options);

/** Names of Dawn's adapters. Dawn has no list, but its error for an unknown name contains all. */
export async function adapterNames(): Promise<string[]> {
  const { create } = await loadDawn();
  const gpu = create(["adapter=//"]);
  instances.push(gpu);
  const ask = (): Promise<unknown> => gpu.requestAdapter();
  const { quiet } = dawnFlags({}, process.env.STRIATUM_DAWN);
  try {
    await (quiet ? withoutKnownWarnings(ask) : ask());
    return [];
  } catch (error) {
    return [...String(error).matchAll(/name: '(.*)'/g)].map((match) => match[1]);
  }
}

async function loadDawn(): Promise<typeof import("webgpu")> {
  try {
    return await import("webgpu");
  } catch (error) {
    throw new Error(
      `npm's webgpu package does not load on ${process.platform} ${process.arch} (${error instanceof Error ? error.message.split("\n")[0] : String(error)}). ` +
        "It contains Dawn for Linux with glibc, macOS and Windows; run  npm i webgpu  if the package is missing",
      { cause: error },
    );
  }
}

/** Two folders above this file, in src/platform as well as in dist/node. */
const shaderFolder = fileURLToPath(new URL("../../shaders/", import.meta.url));
const shaderCache = new Map<string, string>();

/** As `Platform.shader`; works where Dawn does not load. */
export function shaderText(name: string): string {
  let text = shaderCache.get(name);
  if (text === undefined) {
    if (!/^[a-z0-9-]+(\/[a-z0-9-]+)*\.wgsl$/.test(name) || !existsSync(shaderFolder + name)) {
      const names = readdirSync(shaderFolder, { recursive: true, encoding: "utf8" }).filter((entry) => entry.endsWith(".wgsl"));
      throw new UnknownShader(name, names);
    }
    text = readFileSync(shaderFolder + name, "utf8");
    shaderCache.set(name, text);
  }
  return text;
}

async function load(source: string): Promise<Uint8Array> {
  if (/^(https?|data|blob):/.test(source)) return (await import("./download.ts")).download(source);
  return nodeFiles.read(source.startsWith("file:") ? fileURLToPath(source) : source);
}

/** The XDG base directories (freedesktop.org): a relative path in the environment counts as none. */
function cacheFolder(): string {
  const named = process.platform === "win32" ? process.env.LOCALAPPDATA : process.env.XDG_CACHE_HOME;
  return join(named !== undefined && isAbsolute(named) ? named : join(homedir(), ".cache"), "striatum");
}

const SHORTEST_NAP_MS = 0.125;
const LONGEST_NAP_MS = 1;
const cell = new Int32Array(new SharedArrayBuffer(4));
let waits = 0;
let napping = false;
let napMs = SHORTEST_NAP_MS;

/**
 * While a GPU promise is pending, dawn-node polls it once per turn of the event loop and so occupies this thread, which slows a software
 * adapter on few cores: sleeping between polls took a job from 609 to 395 ms on two cores. Sleeps start short, so that a small
 * readback is not late.
 */
async function waitWithoutSpinning<T>(promise: Promise<T>): Promise<T> {
  waits++;
  napMs = SHORTEST_NAP_MS;
  if (!napping) setImmediate(nap);
  napping = true;
  try {
    return await promise;
  } finally {
    waits--;
  }
}

function nap(): void {
  napping = waits > 0;
  if (!napping) return;
  Atomics.wait(cell, 0, 0, napMs);
  napMs = Math.min(LONGEST_NAP_MS, napMs * 2);
  setImmediate(nap);
}

const inflateRawAsync = promisify(inflateRaw);

async function inflate(bytes: Uint8Array, limitBytes: number): Promise<Uint8Array> {
  try {
    const out = await inflateRawAsync(bytes, { maxOutputLength: Math.max(1, limitBytes) });
    return new Uint8Array(out.buffer, out.byteOffset, out.byteLength);
  } catch (error) {
    const tooLong = (error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE";
    throw new Error(
      tooLong
        ? `inflate: ${bytes.length} bytes inflate to more than ${limitBytes} bytes: the data is damaged or a decompression bomb`
        : `inflate: the deflate data is damaged (${error instanceof Error ? error.message : String(error)})`,
      { cause: error },
    );
  }
}

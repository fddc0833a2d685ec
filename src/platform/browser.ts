// The platform in a browser: navigator.gpu, files of the origin's private file system, shader text carried in the bundle.
import type { FrameDecoders } from "../codecs/frame.ts";
import { CODECS } from "../codecs/syntaxes.ts";
import { SHADERS } from "virtual:shaders/scoring";
import { UnknownShader, type Files, type Platform, type PlatformOptions } from "./platform.ts";

/** Texts by name: those that scoring links at once, the others once they are wanted. */
const shaders = new Map(Object.entries(SHADERS));

const ADVICE = `No WebGPU adapter was found. Use a browser with WebGPU (Chrome or Edge 113, Safari 26, Firefox 141 or later) over https or localhost,
with hardware acceleration turned on. Chrome's software adapter: --enable-unsafe-webgpu --use-webgpu-adapter=swiftshader.`;

/** What `#platform` opens in a browser, on a page or in a worker. Its `gpu` throws where the browser has no WebGPU; pictures and files are read without. */
export async function openPlatform({ adapter }: PlatformOptions = {}): Promise<Platform> {
  if (adapter !== undefined) throw new Error(`adapter "${adapter}": a browser chooses its adapter itself; leave the option out`);
  return {
    name: "browser",
    get gpu() {
      if (!navigator.gpu) throw new Error(`This browser does not support WebGPU. ${ADVICE}`);
      return navigator.gpu;
    },
    shader,
    loadShaders,
    files,
    lock: async (folder) => (await import("./lock-browser.ts")).lockFolder(folder),
    availableMemory: () => null,
    cacheFolder: () => "cache",
    load: async (url, limitBytes) => (await import("./download.ts")).download(url, limitBytes === undefined ? {} : { limitBytes }),
    wait: (promise) => promise, // the browser's GPU process polls, not this thread
    now: () => performance.now(),
    inflate,
    decoders,
    host: { runtime: navigator.userAgent },
    adapterAdvice: ADVICE,
  };
}

/** Loaded at the first use. */
const browserFiles = (): Promise<typeof import("./files-browser.ts")> => import("./files-browser.ts");

const files: Files = {
  read: async (...of) => (await browserFiles()).files.read(...of),
  exists: async (...of) => (await browserFiles()).files.exists(...of),
  list: async (...of) => (await browserFiles()).files.list(...of),
  write: async (...of) => (await browserFiles()).files.write(...of),
  append: async (...of) => (await browserFiles()).files.append(...of),
  remove: async (...of) => (await browserFiles()).files.remove(...of),
};

const inflate: Platform["inflate"] = async (...of) => (await browserFiles()).inflate(...of);

const decoders: FrameDecoders = Object.fromEntries(
  Object.keys(CODECS).map((uid) => [
    uid,
    async (codeStream: Uint8Array) => (await import("../codecs/frame-decoders-browser.ts")).decoderOf(uid)(codeStream),
  ]),
);

async function loadShaders(): Promise<void> {
  const others = await import("virtual:shaders/others");
  for (const [name, text] of Object.entries(others.SHADERS)) shaders.set(name, text);
}

function shader(name: string): string {
  const text = shaders.get(name);
  if (text === undefined) throw new UnknownShader(name, shaders.keys());
  return text;
}

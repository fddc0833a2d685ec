// SwiftShader from npm: a software Vulkan adapter for users who cannot install packages. @sparticuz/chromium contains it in a
// whole Chromium (66 MB), so the package is fetched, 7 MB are kept in the user's cache, and the rest is thrown away.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { brotliDecompressSync } from "node:zlib";
import { say } from "../output.ts";

const PACKAGE = "@sparticuz/chromium@153.0.0";
const UNPACKED_LIMIT_BYTES = 2 ** 27;

export const SWIFTSHADER_OFFER = `Without rights to install packages:  npm run setup -- --swiftshader
fetches Chromium's software adapter from npm (66 MB once, 7 MB kept, x64 only). It computes 5 to 80 times slower than Mesa's driver (convolutions most) and has no f16.`;

/** Fetches SwiftShader unless it is there. Returns the environment in which Node has to be started to find it. */
export function installSwiftShader(): Record<string, string> {
  if (process.platform !== "linux" || process.arch !== "x64")
    throw new Error(`${PACKAGE} contains SwiftShader for Linux on x64 only, and this is ${process.platform} ${process.arch}`);
  const folder = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "striatum", "swiftshader-153.0.0");
  if (!existsSync(folder)) {
    const scratch = mkdtempSync(join(tmpdir(), "striatum-"));
    try {
      say(`fetching ${PACKAGE} ...`);
      run("npm", ["pack", "--silent", "--pack-destination", scratch, PACKAGE]);
      const tarball = readdirSync(scratch).find((name) => name.endsWith(".tgz")) ?? "";
      run("tar", ["-xzf", join(scratch, tarball), "-C", scratch, "package/bin/swiftshader.tar.br"]);
      const packed = readFileSync(join(scratch, "package/bin/swiftshader.tar.br"));
      const unpacked = join(scratch, "swiftshader");
      mkdirSync(unpacked);
      run("tar", ["-xf", "-", "-C", unpacked], brotliDecompressSync(packed, { maxOutputLength: UNPACKED_LIMIT_BYTES }));
      mkdirSync(dirname(folder), { recursive: true });
      rmSync(`${folder}.partial`, { recursive: true, force: true });
      run("cp", ["-r", unpacked, `${folder}.partial`]); // another file system, perhaps: copied first, then renamed
      renameSync(`${folder}.partial`, folder);
    } finally {
      rmSync(scratch, { recursive: true, force: true });
    }
  }
  return { LD_LIBRARY_PATH: folder, VK_DRIVER_FILES: join(folder, "vk_swiftshader_icd.json") };
}

function run(command: string, args: readonly string[], input?: Uint8Array): void {
  const { status, error, stderr } = spawnSync(command, args, { ...(input && { input }), encoding: "utf8" });
  if (status !== 0) throw new Error(`${command} ${args[0]} failed: ${error?.message ?? stderr.trim()}`);
}

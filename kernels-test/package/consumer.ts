// A project that has installed the packed package, with copies of examples/ that find it there.
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import packageJson from "../../package.json" with { type: "json" };

const ROOT = join(import.meta.dirname, "../..");
/** What the consumers need beside the package and what this repository has itself. */
const TOOLS = ["typescript-5@npm:typescript@5", "webpack@5"];

interface Packed {
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

export class Consumer {
  readonly folder = mkdtempSync(join(tmpdir(), "striatum-package-"));
  /** Paths inside the package. */
  readonly packed: readonly string[];
  readonly #tarball: string;

  /** Packs the package, and copies the examples. */
  constructor() {
    const json = this.run("npm", ["pack", "--silent", "--json", "--pack-destination", this.folder], ROOT);
    const [{ filename, files }] = JSON.parse(json.slice(json.indexOf("[\n"))) as [Packed];
    this.#tarball = `./${filename}`;
    this.packed = files.map(({ path }) => path);
    // A workspace: Vite then serves what is installed here to the examples.
    this.write("package.json", '{ "type": "module", "workspaces": [] }');
    for (const name of ["node", "vite", "worker", "script-tag"])
      cpSync(join(ROOT, "examples", name), join(this.folder, name), { recursive: true });
  }

  /** Installs the package and the tools, but no `webgpu`. */
  install(): void {
    this.run("npm", ["install", "--prefer-offline", "--no-audit", "--no-fund", this.#tarball, ...TOOLS]);
  }

  installWebGpu(): void {
    this.run("npm", ["install", "--prefer-offline", "--no-audit", "--no-fund", `webgpu@${packageJson.devDependencies.webgpu}`]);
  }

  has = (path: string): boolean => existsSync(join(this.folder, path));
  read = (path: string): string => readFileSync(join(this.folder, path), "utf8");
  write = (path: string, content: string | Uint8Array): void => writeFileSync(join(this.folder, path), content);
  remove = (): void => rmSync(this.folder, { recursive: true, force: true });

  /** What a program prints to stdout. Throws an error with all it prints if it fails. */
  run(command: string, args: readonly string[], cwd = this.folder): string {
    const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: "utf8", timeout: 110_000, maxBuffer: 2 ** 26 });
    if (status !== 0) throw new Error(`${command} ${args.join(" ")}: ${error?.message ?? stdout + stderr}`);
    return stdout;
  }
}

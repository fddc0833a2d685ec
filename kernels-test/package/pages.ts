// Pages that use the installed package, each served or bundled by the tool that its name says, and what they show in Chromium.
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { build as bundle } from "esbuild";
import { chromium, type Browser, type Page } from "playwright-core";
import { build, createServer } from "vite";
import packageJson from "../../package.json" with { type: "json" };
import { FilesServer } from "../browser/files-server.ts";
import { findChromium } from "../../src/cli/host/chromium.ts";
import { CHROMIUM_FLAGS } from "../support/chromium-flags.ts";
import type { Consumer } from "./consumer.ts";

/** The part of webpack that is used here. */
type Webpack = (
  options: object,
  done: (error: Error | null, stats?: { hasErrors(): boolean; toString(preset: string): string }) => void,
) => void;

/** Where examples/script-tag finds the package. */
const CDN = `https://cdn.jsdelivr.net/npm/striatum@${packageJson.version}/`;

/** Contents by path. */
const filesIn = (folder: string): [string, Uint8Array][] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => [path.slice(folder.length + 1), readFileSync(path)]);

const KINDS = [
  "Vite, served",
  "Vite, built",
  "a module worker, served by Vite",
  "a module worker, built by Vite",
  "esbuild",
  "webpack",
  "a script tag",
] as const;

/** webpack's rule for what Vite takes as an address. */
const ASSET = { resourceQuery: /^\?url$/, type: "asset/resource" };

export class Pages {
  static readonly KINDS = KINDS;
  readonly #answers: Readonly<Record<(typeof KINDS)[number], () => Promise<string>>> = {
    "Vite, served": () => this.#served("vite"),
    "Vite, built": () => this.#built("vite"),
    "a module worker, served by Vite": () => this.#served("worker"),
    "a module worker, built by Vite": () => this.#built("worker"),
    esbuild: () => this.#bundledByEsbuild(),
    webpack: () => this.#bundledByWebpack(),
    "a script tag": () => this.#shownFrom(filesIn(this.#folder("script-tag"))),
  };
  readonly #browser: Browser;
  readonly #consumer: Consumer;

  static async open(consumer: Consumer): Promise<Pages> {
    return new Pages(await chromium.launch({ executablePath: findChromium() as string, args: CHROMIUM_FLAGS }), consumer);
  }

  private constructor(browser: Browser, consumer: Consumer) {
    this.#browser = browser;
    this.#consumer = consumer;
  }

  close = (): Promise<void> => this.#browser.close();

  /** What the page shows at the end. Rejects with what it logs as an error. */
  answer = (kind: (typeof KINDS)[number]): Promise<string> => this.#answers[kind]();

  #folder = (name: string): string => join(this.#consumer.folder, name);

  async #served(example: string): Promise<string> {
    const server = await createServer({ root: this.#folder(example), logLevel: "error", server: { port: 0, host: "localhost" } });
    try {
      await server.listen();
      return await this.#shown(server.resolvedUrls?.local[0] ?? "");
    } finally {
      await server.close();
    }
  }

  async #built(example: string): Promise<string> {
    await build({ root: this.#folder(example), logLevel: "error" });
    return this.#shownFrom(filesIn(this.#folder(`${example}/dist`)));
  }

  async #bundledByEsbuild(): Promise<string> {
    const outdir = this.#folder("esbuild");
    const entryPoints = [this.#folder("vite/main.js")];
    await bundle({
      entryPoints,
      outdir,
      bundle: true,
      splitting: true,
      format: "esm",
      loader: { ".safetensors": "file" },
      logLevel: "error",
    });
    return this.#shownFrom([...this.#pageOfVite(), ...filesIn(outdir)]);
  }

  async #bundledByWebpack(): Promise<string> {
    const webpack = createRequire(this.#folder("package.json"))("webpack") as Webpack;
    const entry = this.#folder("vite/main.js");
    const output = { path: this.#folder("webpack"), filename: "main.js" };
    await new Promise<void>((resolve, reject) => {
      webpack({ mode: "production", optimization: { minimize: false }, entry, output, module: { rules: [ASSET] } }, (error, stats) => {
        if (error || !stats || stats.hasErrors()) reject(error ?? new Error(stats?.toString("errors-only")));
        else resolve();
      });
    });
    return this.#shownFrom([...this.#pageOfVite(), ...filesIn(output.path)]);
  }

  /** The values of a compressed frame, by the decoders that lie beside the single file. */
  async decoded(uid: string, codeStream: Uint8Array): Promise<number[]> {
    const server = await FilesServer.open(new Map([["blank.html", "<!doctype html>"]]));
    const page = await this.#newPage();
    try {
      await page.goto(`${server.url}blank.html`);
      return await page.evaluate<number[]>(
        `import("${CDN}dist/browser/frame-decoders-browser.js").then(({ decoderOf }) => decoderOf("${uid}")(Uint8Array.of(${codeStream.join()})))
          .then(({ bytes }) => [...new Int16Array(bytes.buffer)])`,
      );
    } finally {
      await page.context().close();
      await server.close();
    }
  }

  /** The page of examples/vite and what it reads, without its script. */
  #pageOfVite = (): [string, Uint8Array][] => [
    ...filesIn(this.#folder("vite/public")),
    ["index.html", readFileSync(this.#folder("vite/index.html"))],
  ];

  async #shownFrom(files: readonly [string, Uint8Array][]): Promise<string> {
    const server = await FilesServer.open(new Map(files));
    try {
      return await this.#shown(`${server.url}index.html`);
    } finally {
      await server.close();
    }
  }

  async #shown(address: string): Promise<string> {
    const page = await this.#newPage();
    try {
      const failed = new Promise<never>((_, reject) => {
        page.on("console", (message) => message.type() === "error" && reject(new Error(`${message.text()} ${message.location().url}`)));
        page.on("pageerror", reject);
      });
      failed.catch(() => undefined);
      await page.goto(address);
      const text = "document.querySelector('pre').textContent";
      await Promise.race([failed, page.waitForFunction(text, undefined, { timeout: 100_000 })]);
      return await page.evaluate<string>(text);
    } finally {
      await page.context().close();
    }
  }

  /** A page for which the CDN has the installed package. */
  async #newPage(): Promise<Page> {
    const page = await (await this.#browser.newContext()).newPage();
    await page.route(`${CDN}**`, (route) =>
      route.fulfill({
        path: this.#folder(`node_modules/striatum/${route.request().url().slice(CDN.length)}`),
        contentType: "text/javascript",
        headers: { "access-control-allow-origin": "*" },
      }),
    );
    return page;
  }
}

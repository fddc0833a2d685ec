// The page as `npm run build` makes it, in memory, and a browser that opens it: what the tests of its rooms share.
import axe from "axe-core";
import { join } from "node:path";
import { chromium, type Browser, type BrowserContext, type Page } from "playwright-core";
import { build, type Rolldown } from "vite";
import { afterAll, afterEach, beforeAll } from "vitest";
import { findChromium } from "../../src/cli/host/chromium.ts";
import { CHROMIUM_FLAGS } from "../support/chromium-flags.ts";
import { FilesServer, type ServedFiles } from "./files-server.ts";
import { filesOf, outputsOf } from "../support/library-bundle.ts";

const ROOT = join(import.meta.dirname, "../..");

export interface BuiltPage {
  readonly files: ServedFiles;
  readonly outputs: readonly (Rolldown.OutputChunk | Rolldown.OutputAsset)[];
}

/** Builds the page in memory. */
export async function buildPage(): Promise<BuiltPage> {
  const outputs = outputsOf(await build({ configFile: join(ROOT, "vite.config.ts"), logLevel: "error", build: { write: false } }));
  return { files: filesOf(outputs), outputs };
}

/** The built page below a folder of a site, as a static host would serve it. */
export async function servePage(
  { files }: BuiltPage,
  folder = "some/folder",
): Promise<{ readonly server: FilesServer; readonly url: string }> {
  const server = await FilesServer.open(new Map([...files].map(([name, content]) => [`${folder}/${name}`, content])));
  return { server, url: `${server.url}${folder}/index.html` };
}

/** The page with code before that of one of its workers: "worker" is the engine's, "study-worker" and "trial-worker" are others. */
export function withWorker(built: BuiltPage, kind: string, code: string): BuiltPage {
  const files = new Map(built.files);
  const names = [...files.keys()].filter((name) => new RegExp(`/${kind}-[\\w-]{8}\\.js$`).test(name));
  if (names.length !== 1) throw new Error(`expected one file of the ${kind}, found ${names.join(", ") || "none"}`);
  const [name] = names;
  files.set(name, `${code};${String(files.get(name))}`);
  return { ...built, files };
}

/** A page in a context of its own, and what went wrong on it: errors, refusals of the Content-Security-Policy, requests to other hosts. */
export interface Visit {
  readonly page: Page;
  readonly context: BrowserContext;
  readonly errors: string[];
  readonly foreign: string[];
}

export async function visit(browser: Browser, url: string, options: Parameters<Browser["newContext"]>[0] = {}): Promise<Visit> {
  return visitIn(await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options }), url);
}

/** The same in a context that is there, with what its storage has. */
export async function visitIn(context: BrowserContext, url: string): Promise<Visit> {
  const page = await context.newPage();
  const errors: string[] = [];
  const foreign: string[] = [];
  const { origin } = new URL(url);
  page.on("pageerror", (error) => errors.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error") errors.push(message.text());
  });
  page.on("request", (request) => {
    if (!/^(blob|data):/.test(request.url()) && new URL(request.url()).origin !== origin) foreign.push(request.url());
  });
  await page.goto(url);
  return { page, context, errors, foreign };
}

/** The built page on a server, and a browser, for the tests of a `describe`. */
export interface Site {
  /** Address of the page, without what follows "#". */
  readonly url: string;
  readonly browser: Browser;
  /** The visit of this test. */
  readonly visited: Visit;
  /** Visits an address, "#/look/conv1"; the visit ends with the test. */
  open(hash: string, options?: Parameters<typeof visit>[2]): Promise<Page>;
}

/** Builds and serves the page before the tests of a `describe`, in which it is called, and closes what they opened. */
export function useSite(): Site {
  let browser: Browser;
  let server: FilesServer;
  let url: string;
  let visited: Visit | null = null;
  beforeAll(async () => {
    ({ server, url } = await servePage(await buildPage()));
    browser = await chromium.launch({ executablePath: findChromium() as string, args: CHROMIUM_FLAGS });
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });
  afterEach(async () => {
    await visited?.context.close();
    visited = null;
  });
  return {
    get url() {
      return url;
    },
    get browser() {
      return browser;
    },
    get visited() {
      if (!visited) throw new Error("this test has not opened the page");
      return visited;
    },
    async open(hash, options = {}) {
      visited = await visit(browser, url + hash, options);
      return visited.page;
    },
  };
}

/** Violations of axe-core's rules on a page as it is, as "rule: element". The page's own policy must be bypassed for it. */
export async function axeViolations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      readonly axe: {
        run(of: Document): Promise<{
          readonly violations: readonly { readonly id: string; readonly nodes: readonly { readonly target: readonly string[] }[] }[];
        }>;
      };
    };
    const { violations } = await axe.run(document);
    return violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(" ")}`));
  });
}

// The page as `npm run build` makes it, in memory, and a browser that opens it: what the tests of its rooms share.
import axe from "axe-core";
import { join } from "node:path";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { build, type Rolldown } from "vite";
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

/** A page in a context of its own, and what went wrong on it: errors, refusals of the Content-Security-Policy, requests to other hosts. */
export interface Visit {
  readonly page: Page;
  readonly context: BrowserContext;
  readonly errors: string[];
  readonly foreign: string[];
}

export async function visit(browser: Browser, url: string, options: Parameters<Browser["newContext"]>[0] = {}): Promise<Visit> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
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

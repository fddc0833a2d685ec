// The service worker in headless Chromium: after one visit the page opens and answers without its server; it keeps to its folder; and a newer build takes over
// when the visitor asks for it, whole. Skipped, and counted, where Chromium is absent.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { chromium, type Browser, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { findChromium } from "../../src/cli/host/chromium.ts";
import { CHROMIUM_FLAGS } from "../support/chromium-flags.ts";
import { FilesServer } from "./files-server.ts";
import { buildPage, visit, type BuiltPage, type Visit } from "./page-site.ts";

const executablePath = findChromium();
const ANSWER = { timeout: 30_000 };
const FOLDER = "some/folder/";

describe.skipIf(!executablePath)("the built page", () => {
  let browser: Browser;
  let built: BuiltPage;
  let server: FilesServer;
  let visited: Visit;
  /** What the server has, which a test may change. */
  let site: Map<string, string | Uint8Array>;

  beforeAll(async () => {
    built = await buildPage();
    browser = await chromium.launch({ executablePath: executablePath as string, args: CHROMIUM_FLAGS });
  });
  afterAll(() => browser?.close());
  afterEach(async () => {
    await visited?.context.close();
    await server?.close();
  });

  async function firstVisit(): Promise<Page> {
    site = new Map([...built.files].map(([name, content]) => [FOLDER + name, content]));
    site.set("other/index.html", "<!doctype html><title>other</title><link rel=icon href=data:,>");
    server = await FilesServer.open(site);
    visited = await visit(browser, `${server.url}${FOLDER}index.html#/start?net=alexnet&pic=fractal+7`);
    await answered(visited.page);
    await visited.page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
    await visited.page.waitForFunction(() => navigator.serviceWorker.controller !== null, undefined, ANSWER);
    return visited.page;
  }

  const answered = (page: Page): Promise<unknown> => page.waitForSelector(".bars li", ANSWER);

  test("opens, answers and changes its network without its server", async () => {
    const page = await firstVisit();
    const before = await page.textContent(".bars .bar-label");
    const scope = await page.evaluate(() => navigator.serviceWorker.ready.then((registration) => registration.scope));
    expect(scope).toBe(`${server.url}${FOLDER}`);
    await page.goto(`${server.url}other/index.html`);
    expect(await page.evaluate(() => navigator.serviceWorker.controller)).toBeNull();
    const { url } = server;
    await server.close();
    await page.goto(`${url}${FOLDER}#/start?net=alexnet&pic=fractal+7`);
    await answered(page);
    expect(await page.textContent(".bars .bar-label")).toBe(before);
    await page.selectOption(".field select >> nth=0", "googlenet quick");
    await page.waitForFunction(() => !location.hash.includes("alexnet"));
    await answered(page);
    expect(visited.foreign).toEqual([]);
    expect(visited.errors).toEqual([]);
  }, 150_000);

  test("a file of the page's host, started as a worker, reaches no other host: the service worker refuses what a policy in the page would not", async () => {
    const asked: string[] = [];
    const other = createServer((request, response) => {
      asked.push(request.url ?? "");
      response.setHeader("access-control-allow-origin", "*").end("there");
    });
    await new Promise<void>((resolve) => other.listen(0, "localhost", resolve));
    const address = `http://localhost:${(other.address() as AddressInfo).port}/secret`;
    try {
      const page = await firstVisit();
      site.set(
        `${FOLDER}asks.js`,
        `fetch("${address}").then((answer) => answer.text(), (error) => error.name).then((text) => postMessage(text));`,
      );
      const found = await page.evaluate(
        () =>
          new Promise((resolve) => {
            new Worker("asks.js").addEventListener("message", ({ data }) => resolve(data));
          }),
      );
      expect(found).toBe("TypeError");
      expect(asked).toEqual([]);
    } finally {
      other.close();
    }
  }, 150_000);

  test("a newer build is used when the visitor says so, and nothing of the old one is kept", async () => {
    const page = await firstVisit();
    const [old] = await page.evaluate(() => caches.keys());
    const index = `${FOLDER}index.html`;
    const worker = `${FOLDER}service-worker.js`;
    const version = old.split(" ").at(-1) as string;
    site.set(
      index,
      String(site.get(index)).replace("<title>Striatum", "<title>Newer Striatum").replace('lang="en"', 'lang="en" data-build="newer"'),
    );
    site.set(worker, String(site.get(worker)).replace(version, "newer"));
    await page.reload();
    expect(await page.getAttribute("html", "data-build")).toBeNull();
    await answered(page);
    await page.waitForSelector(".notice >> text=A newer version", ANSWER);
    expect(await page.evaluate(() => caches.keys())).toHaveLength(2);
    await page.click(".notice button >> text=Use it now");
    await page.waitForSelector("html[data-build=newer]", ANSWER);
    await answered(page);
    await expect.poll(() => page.evaluate(() => caches.keys())).toEqual([old.replace(version, "newer")]);
  }, 150_000);
});

// Weight in headless Chromium: the gradient that is shown is the float64 definition's within its bound, and the sum of its terms, for weights and biases of every kind
// of layer. Skipped, and counted, where Chromium is absent.
import { chromium, type Browser, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findChromium } from "../../src/cli/host/chromium.ts";
import { CHROMIUM_FLAGS } from "../support/chromium-flags.ts";
import type { FilesServer } from "./files-server.ts";
import { axeViolations, buildPage, servePage, visit, type Visit } from "./page-site.ts";

const executablePath = findChromium();
const WAIT = { timeout: 60_000 };
const RUN = "net=alexnet&cats=2&batch=2&step=4";
/** A value of each kind of layer: convolutions with and without groups, an inner product, biases. */
const PLACES = [
  ["conv1", "o=0,i=0,y=5,x=5"],
  ["conv2", "o=31,i=7,y=4,x=0"],
  ["fc8", "o=0,i=7"],
  ["conv1/bias", "o=3"],
  ["fc8/bias", "o=1"],
] as const;

describe.skipIf(!executablePath)("Weight", () => {
  let browser: Browser;
  let server: FilesServer;
  let url: string;
  let visited: Visit;
  let page: Page;

  beforeAll(async () => {
    ({ server, url } = await servePage(await buildPage()));
    browser = await chromium.launch({ executablePath: executablePath as string, args: CHROMIUM_FLAGS });
    visited = await visit(browser, `${url}#/weight/conv1/o=0,i=0,y=5,x=5?${RUN}`, { bypassCSP: true });
    page = visited.page;
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  /** The three gradients and the sum of the terms, once they are of the place that the address names. */
  async function gradientsAt(path: string): Promise<Record<string, number>> {
    await page.evaluate((to) => {
      location.hash = location.hash.replace(/^#\/weight[^?]*/, `#/weight/${to}`);
    }, path);
    await page.waitForFunction((to) => document.querySelector("[data-place]")?.getAttribute("data-place") === to, path, WAIT);
    return page.$$eval("[data-gradient]", (found) =>
      Object.fromEntries(found.map((each) => [each.getAttribute("data-gradient") ?? "", Number(each.textContent)])),
    );
  }

  test("our kernel, float64 and the sum of the terms agree", async () => {
    for (const [layer, place] of PLACES) {
      const path = `${layer}/${place}`;
      const { kernel, exact, difference, bound, sum } = await gradientsAt(path);
      expect(Math.abs(kernel - exact), path).toBeLessThanOrEqual(bound);
      expect(Math.abs(sum - kernel), path).toBeLessThanOrEqual(1e-5 * Math.abs(kernel) + 2 * bound);
      expect(Number.isFinite(difference), path).toBe(true);
    }
    expect(visited.errors).toEqual([]);
  }, 200_000);

  test("a step adds to the weight's life, and the update with numbers gives the next value; axe finds nothing", async () => {
    await gradientsAt("fc8/o=1,i=7");
    const rows = await page.$$eval(".weight section table tbody", (tables) => tables[0].children.length);
    await page.keyboard.press(".");
    await page.waitForFunction(
      (before) => (document.querySelector(".weight section table tbody")?.children.length ?? 0) > before,
      rows,
      WAIT,
    );
    expect(await page.textContent(".weight-update")).toMatch(/v' = 0\.9 x .* w' = /s);
    await page.waitForSelector("[data-place]", WAIT);
    expect(await page.$$eval(".weight-frame", (found) => found.length)).toBeGreaterThan(0);
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      expect(await axeViolations(page)).toEqual([]);
    }
  }, 90_000);
});

// Weight in headless Chromium: the gradient that is shown is the float64 definition's within its bound, the sum of its terms and the finite difference, for weights and
// biases of every kind of layer. Skipped, and counted, where Chromium is absent.
import { chromium, type Browser, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findChromium } from "../../src/cli/host/chromium.ts";
import { CHROMIUM_FLAGS } from "../support/chromium-flags.ts";
import type { FilesServer } from "./files-server.ts";
import { axeViolations, buildPage, servePage, visit, type Visit } from "./page-site.ts";

const executablePath = findChromium();
const WAIT = { timeout: 60_000 };
const RUN = "net=alexnet&cats=2&batch=2&step=4";
/** Values of every kind of layer: convolutions with and without groups, those of an Inception module's branches, inner products, biases. */
const PLACES: Readonly<Record<"alexnet" | "googlenet", readonly string[]>> = {
  alexnet: [
    "conv1/o=7,i=2,y=0,x=10",
    "conv1/o=15,i=1,y=10,x=0",
    "conv2/o=31,i=7,y=4,x=0",
    "conv3/o=40,i=2,y=1,x=2",
    "conv5/o=9,i=11,y=1,x=1",
    "fc6/o=3,i=5",
    "fc8/o=0,i=7",
    "conv1/bias/o=3",
    "fc6/bias/o=3",
    "fc8/bias/o=1",
  ],
  googlenet: [
    "conv1/7x7_s2/o=1,i=0,y=3,x=3",
    "conv1/7x7_s2/bias/o=5",
    "conv2/3x3/o=10,i=4,y=1,x=2",
    "inception_3a/1x1/o=2,i=11,y=0,x=0",
    "inception_3a/3x3_reduce/o=4,i=6,y=0,x=0",
    "inception_3a/3x3/o=9,i=3,y=0,x=1",
    "inception_3b/5x5/o=3,i=2,y=2,x=4",
    "inception_4c/pool_proj/o=2,i=30,y=0,x=0",
    "inception_4e/1x1/bias/o=0",
    "inception_5b/5x5_reduce/bias/o=1",
    "loss3/classifier/o=0,i=60",
    "loss3/classifier/bias/o=1",
  ],
};
/**
 * Share of its terms' absolute sum that float32 may put a gradient off by. A term is a product of two values that at most 60 layers led to, forward and back, each a sum of at
 * most 3000 products; roundings of 2^-24, which are as often up as down, grow by the root of their number: 60 sqrt(3000) 2^-24.
 */
const CARRIED = 60 * Math.sqrt(3000) * 2 ** -24;

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
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  /** The three gradients and the sum of the terms, once they are of the place that the address names. */
  async function gradientsAt(path: string): Promise<Record<string, number>> {
    await page.evaluate((to) => {
      location.hash = location.hash.replace(/^#\/weight[^?]*/, `#/weight/${to}`);
    }, path);
    await page.waitForFunction(
      (to) =>
        document.querySelector("[data-place]")?.getAttribute("data-place") === to &&
        document.querySelector('[data-gradient="difference"]') !== null,
      path,
      WAIT,
    );
    return page.$$eval("[data-gradient]", (found) =>
      Object.fromEntries(found.map((each) => [each.getAttribute("data-gradient") ?? "", Number(each.textContent)])),
    );
  }

  test.each(["alexnet", "googlenet"] as const)(
    "%s: our kernel, float64, the sum of the terms and the finite difference agree for weights and biases of every kind of layer",
    async (net) => {
      await page.evaluate((to) => (location.hash = to), `#/weight?${RUN.replace("alexnet", net)}`);
      let compared = 0;
      let sharp = 0;
      for (const path of PLACES[net]) {
        const { kernel, exact, difference, error, kinks, bound, sum, magnitude } = await gradientsAt(path);
        expect(Math.abs(kernel - exact), path).toBeLessThanOrEqual(bound);
        expect(Math.abs(sum - kernel), path).toBeLessThanOrEqual(1e-5 * Math.abs(kernel) + 2 * bound);
        if (kinks > 0) continue;
        const tolerance = error + CARRIED * magnitude;
        expect(Math.abs(difference - kernel), path).toBeLessThanOrEqual(tolerance);
        compared++;
        if (tolerance < 0.02 * Math.abs(kernel)) sharp++;
      }
      // A kink within the smallest step is rare, and most comparisons would notice a gradient that is off by 2 %.
      expect(compared).toBeGreaterThanOrEqual(PLACES[net].length - 1);
      expect(sharp).toBeGreaterThanOrEqual(7);
      expect(visited.errors).toEqual([]);
    },
    200_000,
  );

  test("a step adds to the weight's life, and the update with numbers gives the next value; axe finds nothing", async () => {
    await page.evaluate((to) => (location.hash = to), `#/weight/fc8/o=0,i=7?${RUN}`);
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

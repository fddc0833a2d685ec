// The room Plan in headless Chromium: launches and memory of the plan that the library makes, from the keyboard too, and what a pass that is switched off changes.
// Skipped, and counted, where Chromium is absent.
import { type Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { findChromium } from "../../src/cli/host/chromium.ts";
import { axeViolations, buildPage, servePage, useSite, visit, withWorker } from "./page-site.ts";

const executablePath = findChromium();
const ANSWER = { timeout: 100_000 };

describe.skipIf(!executablePath)("Plan", () => {
  const site = useSite();

  async function open(hash: string, options: Parameters<typeof visit>[2] = {}): Promise<Page> {
    const page = await site.open(hash, options);
    await page.waitForSelector(".plan .chart", ANSWER);
    return page;
  }

  /** Rows of a table of the room, each as its cells. */
  const rowsOf = (page: Page, label: string): Promise<string[][]> =>
    page.evaluate(
      (name) =>
        [...document.querySelectorAll(`[role=region][aria-label="${name}"] tbody tr`)].map((row) =>
          [...row.children].map(({ textContent }) => textContent?.trim() ?? ""),
        ),
      label,
    );

  test("every launch is in the time line and in the table, every value in the map; arrows go through the launches", async () => {
    const page = await open("#/plan?net=alexnet");
    const launches = await rowsOf(page, "Launches in order");
    const values = await rowsOf(page, "Memory");
    expect(launches.length).toBeGreaterThan(8);
    await page.waitForFunction(
      () => document.querySelector("[aria-label='Launches in order'] tbody td:last-child")?.textContent,
      undefined,
      ANSWER,
    );
    expect(await page.locator(".chart a rect").count()).toBe(launches.length);
    expect(await page.locator(".chart rect.value").count()).toBe(values.length);
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowRight");
    expect(new URL(page.url()).hash).toBe(`#/plan/${launches[1][0].replace("#", "%23")}?net=alexnet`);
    expect(await page.textContent(".inspector h2")).toBe(launches[1][0]);
    expect(await page.locator(".chart a rect[data-marked]").count()).toBe(1);
    expect(await page.getAttribute(".inspector a", "href")).toBe(`#/kernel/${launches[1][0].replace("#", "%23")}?net=alexnet`);
    expect(site.visited.errors).toEqual([]);
    expect(site.visited.foreign).toEqual([]);
  }, 60_000);

  test("a pass that is switched off adds launches and leaves the numbers alone; another family changes them little", async () => {
    const page = await open("#/plan?net=alexnet");
    const [[, usual]] = await rowsOf(page, "Tried so far");
    await page.click(".switches label >> text=relu-epilogue");
    await page.waitForFunction(
      () => document.querySelector("[aria-label='Tried so far'] tbody tr:nth-child(2) td:last-child")?.textContent?.trim(),
      undefined,
      ANSWER,
    );
    const [, [name, launches, , , pass, difference]] = await rowsOf(page, "Tried so far");
    expect(name).toBe("without relu-epilogue");
    expect(Number(launches)).toBeGreaterThan(Number(usual));
    expect(pass).toMatch(/^[\d.]+ (µs|ms|s)$/);
    expect(difference).toMatch(/^same bits$|e-/);
    await page.goto(`${site.url}#/plan?net=alexnet&kernels=textbook`);
    await page.waitForFunction(
      () => document.querySelector("[aria-label='Tried so far'] tbody tr:last-child td:last-child")?.textContent?.includes("e-"),
      undefined,
      ANSWER,
    );
    const last = (await rowsOf(page, "Tried so far")).at(-1) as string[];
    expect(last[0]).toBe("textbook kernels");
    expect(Number(last.at(-1))).toBeLessThan(1e-4);
  }, 150_000);

  test("leaving the room ends a timing that runs", async () => {
    // A device that answers after two seconds: the whole timing would take four answers.
    const slow = `const map = GPUBuffer.prototype.mapAsync;
      GPUBuffer.prototype.mapAsync = async function (...args) { await new Promise((resolve) => setTimeout(resolve, 2000)); return map.apply(this, args); }`;
    const patched = await servePage(withWorker(await buildPage(), "worker", slow));
    const { page, context } = await visit(site.browser, `${patched.url}#/plan?net=alexnet&without=relu-epilogue`);
    const busy = (): Promise<string | null> => page.textContent(".busy");
    try {
      await page.waitForSelector(".busy >> text=timing launches", ANSWER);
      await page.click('.rooms a[href^="#/study"]');
      const left = Date.now();
      await expect.poll(busy, { timeout: 30_000 }).not.toContain("timing launches");
      expect(Date.now() - left).toBeLessThan(5000);
    } finally {
      await context.close();
      await patched.server.close();
    }
  }, 120_000);

  test.each(["light", "dark"] as const)(
    "no violation of axe's rules and no scrolling sideways at 400 %%, %s",
    async (colorScheme) => {
      const page = await open("#/plan?net=alexnet", { colorScheme, bypassCSP: true });
      for (const summary of await page.locator(".plan summary").all()) await summary.click();
      await page.keyboard.press("ArrowRight");
      expect(await axeViolations(page)).toEqual([]);
      await page.setViewportSize({ width: 320, height: 640 });
      await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
      expect(await axeViolations(page)).toEqual([]);
    },
    60_000,
  );
});

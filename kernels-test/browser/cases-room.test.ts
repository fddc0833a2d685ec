// Cases in headless Chromium, built and served below a folder: the pictures that ship are scored by the networks that ship, sorted, marked and opened in Look; no
// violation of axe's rules, and nothing scrolls sideways on a phone.
import { readFileSync } from "node:fs";
import { type Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { findChromium } from "../../src/cli/host/chromium.ts";
import { axeViolations, useSite, visit } from "./page-site.ts";

const executablePath = findChromium();
const LONG = { timeout: 60_000 };

describe.skipIf(!executablePath)("Cases", () => {
  const site = useSite();

  async function open(hash: string, options: Parameters<typeof visit>[2] = {}): Promise<Page> {
    const page = await site.open(hash, options);
    await page.waitForSelector(".cases-list li", LONG);
    return page;
  }
  const numbers = (page: Page, pattern: RegExp): Promise<number[]> =>
    page.$$eval(
      ".cases-list li",
      (items, source) => items.map(({ textContent }) => Number(new RegExp(source).exec(textContent ?? "")?.[1])),
      pattern.source,
    );

  test("scores the set, sorts it, takes a list of doubtful cases, and opens one in Look", async () => {
    const page = await open("#/cases?net=alexnet&second=googlenet");
    await page.waitForFunction(() => document.querySelector(".cases-list")?.textContent?.includes("differ by"), undefined, LONG);
    const losses = await numbers(page, /loss ([\d.]+)/);
    expect(losses).toHaveLength(32);
    expect(losses).toEqual(losses.toSorted((a, b) => b - a));
    const diagonal = await page.$$eval('.cases-confusion td[data-kind="right"]', (cells) => cells.length);
    expect(await page.textContent(".cases .card [role=status]")).toBe(`${diagonal} of 32 right`);
    expect(diagonal).toBeGreaterThan(16);
    await page.selectOption(".cases-controls select >> nth=3", "disagreement");
    const differences = await numbers(page, /differ by ([\d.]+)/);
    expect(differences).toEqual(differences.toSorted((a, b) => b - a));
    expect(differences[0]).toBeGreaterThan(0);
    const name = await page.textContent(".cases-list li strong");
    await page.locator(".cases-list li input").first().check();
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByText("Download the list").click()]);
    expect(readFileSync(await download.path(), "utf8")).toMatch(new RegExp(`^case,label,said,loss\n${name},${name},`));
    await page.locator(".cases-open").first().click();
    await page.waitForSelector('.look-readout:not([data-read=""])', LONG);
    expect(new URL(page.url()).hash).toBe(`#/look?net=alexnet&pic=${name?.replace(" ", "+")}`);
    expect(site.visited.errors).toEqual([]);
    expect(site.visited.foreign).toEqual([]);
  }, 120_000);

  test.each([
    ["light", 1280],
    ["dark", 400],
  ] as const)(
    "no violation of axe's rules, %s, %d pixels wide, and nothing scrolls sideways",
    async (colorScheme, width) => {
      const page = await open("#/cases?net=alexnet", { colorScheme, viewport: { width, height: 800 }, bypassCSP: true });
      expect(await axeViolations(page)).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
      await page.evaluate(() => (location.hash = "#/cases?net=alexnet&of=study"));
      await page.waitForFunction(() => document.querySelector(".cases")?.textContent?.includes("no finished study"), undefined, LONG);
      expect(await axeViolations(page)).toEqual([]);
    },
    120_000,
  );
});

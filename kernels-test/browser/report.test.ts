// The report in headless Chromium: read from one file with the network off, on a wide and a narrow screen and on paper.
import { chromium, type Browser, type Page } from "playwright-core";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findChromium } from "../../src/cli/host/chromium.ts";
import { madeUpStudy } from "../../src/study/report/report-fixture.ts";
import { renderReport } from "../../src/study/report/report.ts";

const executablePath = findChromium();

describe.skipIf(!executablePath)("the report in Chromium", () => {
  const folder = mkdtempSync(join(tmpdir(), "striatum-report-"));
  const file = join(folder, "report.html");
  let browser: Browser;

  beforeAll(async () => {
    writeFileSync(file, await renderReport(madeUpStudy()));
    browser = await chromium.launch({ executablePath: executablePath as string, args: ["--no-sandbox"] });
  });

  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function open(width: number): Promise<{ page: Page; asked: string[] }> {
    const page = await browser.newPage({ viewport: { width, height: 900 }, javaScriptEnabled: true });
    const asked: string[] = [];
    page.on("request", (request) => asked.push(request.url()));
    page.on("console", (message) => asked.push(message.text()));
    await page.goto(`file://${file}`);
    return { page, asked };
  }

  test.each([1280, 400])("at %d pixels nothing is fetched, nothing lies beyond the edge, every picture is drawn", async (width) => {
    const { page, asked } = await open(width);
    expect(asked.filter((url) => !url.startsWith("data:image/png"))).toEqual([`file://${file}`]);
    expect(await page.evaluate<number>("document.documentElement.scrollWidth")).toBe(width);
    const broken = "[...document.images].filter(({ complete, naturalWidth }) => !complete || naturalWidth === 0).length";
    expect(await page.evaluate<number>(broken)).toBe(0);
    await page.close();
  });

  test("at 1200 pixels every table fits", async () => {
    const { page } = await open(1200);
    const wide = `[...document.querySelectorAll(".scroller")].filter((one) => one.scrollWidth > one.clientWidth + 1).map((one) => one.querySelector("caption").textContent.trim().slice(0, 60))`;
    expect(await page.evaluate<string[]>(wide)).toEqual([]);
    await page.close();
  });

  test.each([1280, 400])("at %d pixels no two words of a chart lie over one another", async (width) => {
    const { page } = await open(width);
    // Boxes of text in one chart may touch, not overlap by more than a hair; rotated text has the box of its turned self.
    const overlapping = await page.evaluate<string[]>(`[...document.querySelectorAll("svg")].flatMap((svg) => {
      const boxes = [...svg.querySelectorAll("text")].filter((text) => text.textContent.trim()).map((text) => [text.textContent, text.getBoundingClientRect()]);
      return boxes.flatMap(([a, p], i) => boxes.slice(i + 1).flatMap(([b, q]) =>
        Math.min(p.right, q.right) - Math.max(p.left, q.left) > 2 && Math.min(p.bottom, q.bottom) - Math.max(p.top, q.top) > 3
          ? [svg.getAttribute("aria-label").slice(0, 40) + ": " + a + " / " + b] : []));
    })`);
    expect(overlapping).toEqual([]);
    await page.close();
  });

  test("prints as A4 pages", async () => {
    const { page } = await open(1280);
    const pdf = (await page.pdf({ preferCSSPageSize: true })).toString("latin1");
    expect(pdf.startsWith("%PDF")).toBe(true);
    const pages = pdf.match(/\/Type\s*\/Page\b/g)?.length ?? 0;
    expect(pages).toBeGreaterThan(10);
    expect(pages).toBeLessThan(40);
    expect(pdf).toMatch(/\/MediaBox\s*\[\s*0 0 59\d(?:\.\d+)? 84\d/);
    await page.close();
  });
});

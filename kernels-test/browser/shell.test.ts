// The page's shell and Start in headless Chromium, built and served below a folder: it answers at once with the weights that ship, keeps to its policy and its
// host, is free of axe's violations in both themes, takes dropped files, and finds its way back. Skipped, and counted, where Chromium is absent.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { findChromium } from "../../src/cli/host/chromium.ts";
import { loadFrameEncoders } from "../../src/codecs/frame-encoders.ts";
import { networks } from "../../src/models/index.ts";
import { ROOMS } from "../../src/web/rooms/rooms.ts";
import { axeViolations, buildPage, servePage, useSite, visit, withWorker } from "./page-site.ts";
import { smallWeights } from "../support/small-weights.ts";

const executablePath = findChromium();
const ANSWER = { timeout: 100_000 };

describe.skipIf(!executablePath)("the page", () => {
  const site = useSite();

  async function open(hash: string, options: Parameters<typeof visit>[2] = {}): Promise<Page> {
    const page = await site.open(hash, options);
    return page;
  }

  const answered = (page: Page): Promise<unknown> => page.waitForSelector(".bars li", ANSWER);

  test("Start answers with the shipped weights, under its policy and from its host alone", async () => {
    const page = await open("#/start?net=alexnet&pic=fractal+7");
    await answered(page);
    expect(await page.textContent(".bars li .bar-label")).toBe("fractal 7");
    await page.waitForFunction(() => document.querySelectorAll(".strip-links a").length > 3);
    expect(site.visited.errors).toEqual([]);
    expect(site.visited.foreign).toEqual([]);
  }, 120_000);

  /** What a room shows once it has something to show. */
  const SHOWS: Readonly<Record<string, string>> = {
    start: ".bars li",
    look: '.look-readout:not([data-read=""])',
    plan: ".plan .chart",
    kernel: ".code .code-keyword",
  };

  test.each(["light", "dark"].flatMap((colorScheme) => Object.keys(ROOMS).map((room) => [room, colorScheme] as const)))(
    "%s opens by its address on a page of its own, without a violation of axe's rules, %s",
    async (room, colorScheme) => {
      const page = await open(`#/${room}?net=alexnet`, { colorScheme: colorScheme as "light" | "dark", bypassCSP: true });
      await page.waitForSelector(`.rooms a[aria-current=page][href^="#/${room}"]`, ANSWER);
      await page.waitForSelector(SHOWS[room] ?? ".stage :is(h2, h3)", ANSWER);
      expect(await axeViolations(page)).toEqual([]);
      await page.keyboard.press("?");
      await page.waitForSelector("dialog[open]");
      expect(await axeViolations(page), "list of keys").toEqual([]);
      expect(site.visited.errors).toEqual([]);
      expect(site.visited.foreign).toEqual([]);
    },
    120_000,
  );

  test.each(["worker", "study-worker", "trial-worker"])(
    "on the first visit, with no service worker, the page's policy holds its %s: no request to another host",
    async (kind) => {
      const asked: string[] = [];
      const other = createServer((request, response) => {
        asked.push(request.url ?? "");
        response.setHeader("access-control-allow-origin", "*").end("there");
      });
      await new Promise<void>((resolve) => other.listen(0, "localhost", resolve));
      const address = `http://localhost:${(other.address() as AddressInfo).port}/`;
      const patched = await servePage(
        withWorker(
          await buildPage(),
          kind,
          `fetch("${address}").then(() => "reached", () => "refused").then((found) => fetch(new URL("?worker=" + found, import.meta.url)))`,
        ),
      );
      try {
        const { page, context } = await visit(site.browser, `${patched.url}#/start?net=alexnet`, { serviceWorkers: "block" });
        const told = page.waitForRequest(/\?worker=/, { timeout: 30_000 });
        if (kind === "study-worker") await page.click('.rooms a[href^="#/study"]');
        if (kind === "trial-worker") {
          await page.click('.rooms a[href^="#/kernel"]');
          await page.waitForSelector(".code", ANSWER);
          await page.keyboard.press("o");
        }
        expect((await told).url()).toContain("refused");
        expect(asked).toEqual([]);
        await context.close();
      } finally {
        await patched.server.close();
        other.close();
      }
    },
    120_000,
  );

  test("Study's worker decodes compressed frames, under the page's policy", async () => {
    const built = await buildPage();
    const worker = [...built.files].find(([name]) => /\/study-worker-[\w-]{8}\.js$/.test(name));
    const decoders = /frame-decoders-browser-[\w-]{8}\.js/.exec(String(worker?.[1]))?.[0];
    const stored = Int16Array.from({ length: 20 * 30 }, (_, i) => Math.round(900 * Math.sin(i / 20)) + (i % 7));
    const encoders = await loadFrameEncoders();
    const codes = [80, 90, 201].map((last) => {
      const uid = `1.2.840.10008.1.2.4.${last}`;
      const frame = encoders[uid]({ rows: 20, columns: 30, stored, bitsStored: 16 });
      return `import("./${decoders}")
        .then((module) => Object.values(module).find((each) => typeof each === "function")("${uid}")(Uint8Array.of(${frame.join()})))
        .then(({ bytes }) => new Int16Array(bytes.buffer).join(), String)
        .then((found) => fetch(new URL("?frame=" + (found === "${stored.join()}" ? "right" : encodeURIComponent(found.slice(0, 200))), import.meta.url)))`;
    });
    const patched = await servePage(withWorker(built, "study-worker", codes.join(";")));
    const { page, context } = await visit(site.browser, "about:blank", { serviceWorkers: "block" });
    const found: string[] = [];
    page.on("request", (request) => {
      const [, frame] = /\?frame=(.*)$/.exec(request.url()) ?? [];
      if (frame !== undefined) found.push(decodeURIComponent(frame));
    });
    try {
      await page.goto(`${patched.url}#/study`);
      await expect.poll(() => found, { timeout: 60_000 }).toEqual(["right", "right", "right"]);
    } finally {
      await context.close();
      await patched.server.close();
    }
  }, 120_000);

  test("dropped weights and labels open their network; a foreign file is refused by what it should be", async () => {
    const page = await open("#/start?net=alexnet");
    await answered(page);
    await page.setInputFiles("input[type=file]", [
      { name: "mine.caffemodel", mimeType: "", buffer: Buffer.from(smallWeights(networks["alexnet"], 10)) },
      { name: "names.txt", mimeType: "", buffer: Buffer.from(Array.from({ length: 10 }, (_, i) => `n0000000${i} thing ${i}`).join("\n")) },
      { name: "notes.pdf", mimeType: "", buffer: Buffer.from("%PDF-1.7 and so on") },
    ]);
    await page.waitForFunction(() => /^thing \d$/.test(document.querySelector(".bars .bar-label")?.textContent ?? ""), undefined, ANSWER);
    expect(new URL(page.url()).hash).toContain("w=mine.caffemodel");
    expect(await page.textContent(".problem")).toContain("notes.pdf: neither a picture");
  }, 200_000);

  test("back and forward go through the rooms; unknown keys are kept and named", async () => {
    const page = await open("#/start?net=alexnet&later=1");
    await page.waitForSelector(".notice");
    expect(await page.textContent(".notice")).toContain("later");
    await page.selectOption(".field select >> nth=0", "googlenet quick");
    expect(new URL(page.url()).hash).toBe("#/start?later=1");
    await page.goBack();
    expect(new URL(page.url()).hash).toBe("#/start?net=alexnet&later=1");
  });

  test("no task of the page's thread takes 50 ms while it answers", async () => {
    const page = await open("#/start?net=alexnet");
    await answered(page);
    await page.evaluate(() => {
      const tasks: number[] = ((globalThis as { tasks?: number[] }).tasks = []);
      new PerformanceObserver((list) => tasks.push(...list.getEntries().map(({ duration }) => duration))).observe({ type: "longtask" });
    });
    // A busy machine stretches a task now and then, not each time.
    const taken: number[] = [];
    for (let category = 20; category < 26; category++) {
      await page.evaluate(() => (globalThis as { tasks?: number[] }).tasks?.splice(0));
      await page.selectOption(".field select >> nth=1", `fractal ${category}`);
      await page.waitForFunction(
        (label) => document.querySelector(".bars .bar-label")?.textContent === label,
        `fractal ${category}`,
        ANSWER,
      );
      taken.push(await page.evaluate(() => (globalThis as { tasks?: number[] }).tasks?.length ?? -1));
      if (taken.at(-1) === 0) break;
    }
    expect(taken.at(-1), `long tasks of each answer: ${taken.join(", ")}`).toBe(0);
  }, 120_000);

  test("search opens what is found, from the keyboard alone", async () => {
    const page = await open("#/start?net=alexnet");
    await answered(page);
    await page.keyboard.press("/");
    await page.waitForSelector("dialog input");
    await page.keyboard.type("conv2");
    await page.keyboard.press("Enter");
    expect(new URL(page.url()).hash).toBe("#/look/conv2?net=alexnet");
  }, 120_000);
});

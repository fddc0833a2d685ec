// The page when things are not as they should be, in headless Chromium: no WebGPU, a processor in the GPU's place, a device that is lost, too little memory, damaged
// files, kernels that compile, a hidden tab. Each state says what is the matter, and the page goes on. Skipped, and counted, where Chromium is absent.
import { decode } from "fast-png";
import { chromium, type Browser, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { findChromium } from "../../src/cli/host/chromium.ts";
import { networks } from "../../src/models/index.ts";
import { CHROMIUM_FLAGS } from "../support/chromium-flags.ts";
import { smallWeights } from "../support/small-weights.ts";
import type { FilesServer } from "./files-server.ts";
import { killGpuProcess } from "./gpu-process.ts";
import { axeViolations, buildPage, servePage, visit, withWorker, type BuiltPage, type Visit } from "./page-site.ts";

const executablePath = findChromium();
const ANSWER = { timeout: 100_000 };
/** Begins a worker whose device answers after 400 ms. */
const SLOW = `const map = GPUBuffer.prototype.mapAsync;
  GPUBuffer.prototype.mapAsync = async function (...args) { await new Promise((resolve) => setTimeout(resolve, 400)); return map.apply(this, args); }`;

describe.skipIf(!executablePath)("the page", () => {
  let built: BuiltPage;
  let server: FilesServer;
  let url: string;
  let browser: Browser;
  let visited: Visit | null = null;

  const launch = (args: string[] = CHROMIUM_FLAGS): Promise<Browser> => chromium.launch({ executablePath: executablePath as string, args });

  beforeAll(async () => {
    built = await buildPage();
    ({ server, url } = await servePage(built));
    browser = await launch();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });
  afterEach(async () => {
    await visited?.context.close();
    visited = null;
  });

  async function open(
    hash: string,
    options: Parameters<typeof visit>[2] & { readonly at?: string; readonly by?: Browser } = {},
  ): Promise<Page> {
    const { at = url, by = browser, ...rest } = options;
    visited = await visit(by, at + hash, { bypassCSP: true, ...rest });
    return visited.page;
  }

  const answered = (page: Page): Promise<unknown> => page.waitForSelector(".bars li", ANSWER);

  /** The page as it would be served with another beginning of the engine's worker. */
  async function withPatch(patch: string, use: (at: string) => Promise<void>): Promise<void> {
    const patched = await servePage(withWorker(built, "worker", patch));
    try {
      await use(patched.url);
    } finally {
      await patched.server.close();
    }
  }

  test.each(["light", "dark"] as const)(
    "without WebGPU it says what to do in this browser, by its name, and is not empty, %s",
    async (colorScheme) => {
      const without = await launch(["--no-sandbox", "--disable-gpu"]);
      try {
        const page = await open("#/start", { colorScheme, by: without });
        await page.waitForSelector(".no-device li", ANSWER);
        expect(await page.textContent(".no-device")).toContain("What to do in Chrome");
        expect(await page.textContent(".no-device .reason")).toContain("WebGPU");
        expect(await page.evaluate(() => document.querySelector<HTMLImageElement>(".no-device img")?.naturalWidth)).toBeGreaterThan(100);
        expect(await page.locator(".problem").count()).toBe(0);
        expect(await axeViolations(page)).toEqual([]);
      } finally {
        await without.close();
      }
    },
    60_000,
  );

  test("a large network on a processor is run only when the visitor says so, with a forecast from a pass that was timed", async () => {
    await withPatch(SLOW, async (at) => {
      const page = await open("#/start?net=alexnet", { at });
      await answered(page);
      expect(await page.textContent(".chip[data-kind=warning]")).toContain("processor");
      const weights = smallWeights(networks["googlenet"], 5, { width: 1 / 2, size: 224 });
      await page.setInputFiles("input[type=file]", [{ name: "wide.safetensors", mimeType: "", buffer: Buffer.from(weights) }]);
      await page.waitForSelector(".question button:not([disabled]) >> text=Run it", ANSWER);
      expect(await page.textContent(".question")).toMatch(/about \d+ (s|minutes) here/);
      expect(await page.locator(".bars li").count()).toBe(0);
      expect(await axeViolations(page)).toEqual([]);
      await page.click(".question button >> text=Open the small one");
      await answered(page);
      expect(await page.locator(".question").count()).toBe(0);
      expect(new URL(page.url()).hash).toBe("#/start");
    });
  }, 150_000);

  test("a lost device: the page opens another, says so, and shows the same with the same bits; a second loss stops it", async () => {
    const lossy = await launch();
    try {
      const page = await open("#/start?net=alexnet&pic=fractal+3", { by: lossy });
      await answered(page);
      const before = await page.textContent(".bars");
      await killGpuProcess(lossy);
      await page.waitForSelector(".notice >> text=with the same bits", ANSWER);
      expect(await page.textContent(".bars")).toBe(before);
      expect(await page.locator(".problem").count()).toBe(0);
      await killGpuProcess(lossy);
      await page.waitForSelector(".problem >> text=lost twice within a minute", ANSWER);
      expect(await page.locator(".problem").count()).toBe(1);
      expect(await page.textContent(".bars")).toBe(before);
      expect(await axeViolations(page)).toEqual([]);
    } finally {
      await lossy.close();
    }
  }, 120_000);

  test("what does not fit is refused before it is allocated, with the figures", async () => {
    await withPatch("Object.defineProperty(GPUSupportedLimits.prototype, 'maxBufferSize', { get: () => 2 ** 18 })", async (at) => {
      const page = await open("#/start?net=alexnet", { at });
      await page.waitForSelector(".problem", ANSWER);
      expect(await page.textContent(".problem")).toMatch(/needs \d+ bytes, but this adapter's buffers are limited to 262144/);
      expect(await axeViolations(page)).toEqual([]);
      await visited?.context.close();
    });
    await withPatch("Object.defineProperty(navigator, 'deviceMemory', { get: () => 0.001 })", async (at) => {
      const page = await open("#/start?net=alexnet", { at });
      await page.waitForSelector(".problem", ANSWER);
      expect(await page.textContent(".problem")).toMatch(
        /needs \d+ MiB of GPU memory beside \d+ MiB that are taken; this page takes 1 MiB at most/,
      );
    });
  }, 120_000);

  test("a damaged file is refused in the library's words, and the page stays as it was", async () => {
    const page = await open("#/start?net=alexnet");
    await answered(page);
    const before = [page.url(), await page.textContent(".bars")];
    const weights = smallWeights(networks["alexnet"], 10);
    await page.setInputFiles("input[type=file]", [
      { name: "cut.safetensors", mimeType: "", buffer: Buffer.from(weights.subarray(0, weights.length / 2)) },
      { name: "cut.png", mimeType: "", buffer: Buffer.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0]) },
    ]);
    await page.waitForSelector(".problem", ANSWER);
    expect(await page.textContent(".problem")).toMatch(/cut\.safetensors: .*cut\.png: /s);
    await answered(page);
    expect([page.url(), await page.textContent(".bars")]).toEqual(before);
  }, 60_000);

  test("while kernels compile it says how many have, and a hidden tab draws nothing until it is shown", async () => {
    const page = await open("#/start?net=alexnet", { colorScheme: "light" });
    await page.evaluate(() => {
      const seen: string[] = ((globalThis as { seen?: string[] }).seen = []);
      new MutationObserver(() => seen.push(document.querySelector(".busy")?.textContent ?? "")).observe(document, {
        subtree: true,
        childList: true,
        characterData: true,
      });
    });
    await answered(page);
    const seen = await page.evaluate(() => (globalThis as { seen?: string[] }).seen ?? []);
    const counts = seen.flatMap((text) => /kernels compiled\s+(\d+) of (\d+)/.exec(text)?.[1] ?? []).map(Number);
    expect(counts.length).toBeGreaterThan(2);
    expect(counts).toEqual(counts.toSorted((a, b) => a - b));

    const corner = async (): Promise<number> => {
      const { data, width, height, channels } = decode(await page.locator(".strip-stack canvas").screenshot());
      return data[(width * height - 1) * channels];
    };
    const hide = (hidden: boolean): Promise<void> =>
      page.evaluate((value) => {
        Object.defineProperty(document, "hidden", { value, configurable: true });
        document.dispatchEvent(new Event("visibilitychange"));
      }, hidden);
    await expect.poll(corner).toBe(255);
    await hide(true);
    await page.emulateMedia({ colorScheme: "dark" });
    await page.waitForTimeout(500);
    expect(await corner()).toBe(255);
    await hide(false);
    await expect.poll(corner).toBeLessThan(60);
  }, 120_000);
});

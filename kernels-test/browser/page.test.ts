// The page in headless Chromium: the same sessions as in Node give the same numbers. Skipped, and counted, where Chromium is absent.
import { encode } from "fast-png";
import { chromium, type Browser, type Page } from "playwright-core";
import { createServer, type ViteDevServer } from "vite";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findChromium } from "../../src/cli/chromium.ts";
import { googlenet, loadImage, openDevice } from "../../src/index.ts";
import { networks } from "../../src/models/index.ts";
import { quickSteps, type QuickSteps } from "../../src/web/quick-steps.ts";
import { testEngine } from "../support/engine.ts";
import { smallWeights } from "../support/small-weights.ts";

const executablePath = findChromium();
const FLAGS = [
  "--no-sandbox",
  "--disable-quic",
  "--disable-background-networking",
  "--enable-unsafe-webgpu",
  "--ignore-gpu-blocklist",
  "--enable-gpu",
  "--enable-features=Vulkan",
  "--use-vulkan=swiftshader",
  "--use-angle=swiftshader",
];

/**
 * Two adapters differ as each differs from float64: a step's rounding is at most 5e-5 of the largest value (kernels-test/models/training.test.ts),
 * twice that between them, and the starting weights differ by what their logarithms do, some 1e-6.
 */
const allowedAfter = (steps: number): number => 1e-4 * steps;

type Shown = { readonly adapter: string; readonly steps: Readonly<Record<string, QuickSteps>> } | { readonly error: string };

describe.skipIf(!executablePath)("the page in Chromium", () => {
  let server: ViteDevServer;
  let browser: Browser;
  let page: Page;
  let shown: Shown;

  beforeAll(async () => {
    server = await createServer({
      configFile: join(import.meta.dirname, "../../vite.config.ts"),
      logLevel: "error",
      server: { port: 0, host: "localhost" },
    });
    await server.listen();
    browser = await chromium.launch({ executablePath: executablePath as string, args: FLAGS });
    page = await browser.newPage();
    await page.goto(server.resolvedUrls?.local[0] ?? "");
    await page.waitForFunction("window.striatum", undefined, { timeout: 110_000 });
    shown = await page.evaluate<Shown>("window.striatum");
  });

  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  test.each(Object.keys(networks))("%s: the training step gives Node's numbers", async (name) => {
    if ("error" in shown) throw new Error(shown.error);
    const there = shown.steps[name];
    const node = await quickSteps(await testEngine(), name, there.losses.length);
    expect(there.losses).toHaveLength(3);
    there.losses.forEach((loss, step) => expect(Math.abs(loss / node.losses[step] - 1)).toBeLessThan(allowedAfter(step + 1)));
    const largest = Math.max(...node.bias.map(Math.abs));
    expect(largest).toBeGreaterThan(0);
    there.bias.forEach((value, i) => expect(Math.abs(value - node.bias[i]) / largest).toBeLessThan(allowedAfter(3)));
  });

  test("infer: the README's six lines, with a file's bytes in place of a path", async () => {
    const weights = Buffer.from(smallWeights(networks["googlenet"], 10));
    const picture = Buffer.from(
      encode({ width: 80, height: 80, channels: 1, depth: 8, data: new Uint8Array(6400).map((_, i) => (i * 7) & 255) }),
    );
    const infer = `(async () => {
      const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
      const { openDevice, googlenet, loadImage } = await import("/@fs${join(import.meta.dirname, "../../src/index.ts")}");
      const device = await openDevice();
      const net = await googlenet.load(device, bytes("${weights.toString("base64")}"));
      const guesses = await net.classify(await loadImage(bytes("${picture.toString("base64")}")), { top: 5 });
      await device.dispose();
      return guesses;
    })()`;
    const guesses = await page.evaluate<{ label: string; score: number }[]>(infer);
    const device = await openDevice();
    const net = await googlenet.load(device, new Uint8Array(weights));
    const here = await net.classify(await loadImage(new Uint8Array(picture)), { top: 5 });
    expect(guesses.map(({ label }) => label)).toEqual(here.map(({ label }) => label));
    guesses.forEach(({ score }, i) => expect(Math.abs(score - here[i].score)).toBeLessThan(1e-4));
    net.dispose();
    await device.dispose();
  });
});

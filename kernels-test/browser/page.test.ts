// The page in headless Chromium: the same sessions as in Node give the same numbers. Skipped, and counted, where Chromium is absent.
import { encode } from "fast-png";
import { chromium, type Browser, type Page } from "playwright-core";
import { createServer, type Plugin, type ViteDevServer } from "vite";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findChromium } from "../../src/cli/host/chromium.ts";
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

/** What the example names, and the server serves. */
const WEIGHTS = smallWeights(networks["googlenet"], 10);
const PICTURE = encode({ width: 80, height: 80, channels: 1, depth: 8, data: Uint8Array.from({ length: 6400 }, (_, i) => (i * 7) & 255) });

const served: Plugin = {
  name: "served",
  configureServer({ middlewares }) {
    middlewares.use("/weights/bvlc_googlenet.caffemodel", (_, response) => void response.end(WEIGHTS));
    middlewares.use("/cat.jpg", (_, response) => void response.end(PICTURE));
  },
};

interface PanelEntry {
  readonly name: string;
  readonly duration: number;
  readonly detail: { readonly devtools: { readonly track: string; readonly properties: readonly (readonly [string, string])[] } };
}

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
      plugins: [served],
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

  test("a profiled step is tracks of the performance panel, or the page says why not", { timeout: 300_000 }, async () => {
    await page.click("#profile:enabled");
    const told = (): Promise<string> => page.evaluate<string>("document.querySelector('#profiled').textContent");
    await page.waitForFunction("document.querySelector('#profile').disabled === false", undefined, { timeout: 290_000 });
    const text = await told();
    const entries = await page.evaluate<readonly PanelEntry[]>(
      "performance.getEntriesByType('measure').map(({ name, duration, detail }) => ({ name, duration, detail }))",
    );
    const timestamps = await page.evaluate<boolean>(
      "navigator.gpu.requestAdapter().then((adapter) => adapter.features.has('timestamp-query'))",
    );
    if (!timestamps) {
      expect(text).toContain("has no timestamp queries");
      expect(entries).toHaveLength(0);
      return;
    }
    expect(text).toMatch(new RegExp(`^${entries.length} launches\\n`));
    const conv1 = entries.filter(({ name }) => name.startsWith("conv1"));
    expect(conv1.length).toBeGreaterThanOrEqual(2);
    for (const { detail } of conv1) {
      expect(detail.devtools).toMatchObject({ dataType: "track-entry", trackGroup: "Striatum" });
      expect(detail.devtools.properties.map(([name]) => name)).toEqual(expect.arrayContaining(["kernel", "GFLOP/s", "% of roof"]));
    }
    expect(new Set(conv1.map(({ detail }) => detail.devtools.track)).size).toBe(2); // forward, and what its gradient belongs to
    expect(entries.reduce((sum, { duration }) => sum + duration, 0)).toBeGreaterThan(0);
  });

  test("infer: the README's six lines, as printed", async () => {
    const told = new Promise<string>((resolve, reject) => {
      page.on("console", (message) => {
        if (message.type() === "log") resolve(message.text());
      });
      page.on("pageerror", reject);
    });
    await page.addScriptTag({ type: "module", url: `/@fs${join(import.meta.dirname, "../library/examples/infer.ts")}` });
    const [, label, score] = /^(class \d) (0\.\d{3})$/.exec(await told) ?? [];
    const device = await openDevice();
    const net = await googlenet.load(device, WEIGHTS);
    const [best] = await net.classify(await loadImage(PICTURE));
    expect(label).toBe(best.label);
    expect(Math.abs(Number(score) - best.score)).toBeLessThan(1e-3); // printed with three digits
    net.dispose();
    await device.dispose();
  });
});

// A network of an ONNX file in headless Chromium, on a page with nothing else: it classifies, is explained and learns with Node's numbers. Skipped, and
// counted, where Chromium is absent.
import { join } from "node:path";
import { encode } from "fast-png";
import { chromium, type Browser, type Page } from "playwright-core";
import { createServer, type Plugin, type ViteDevServer } from "vite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { seededWeights } from "../../bench/peers/workload.ts";
import { findChromium } from "../../src/cli/host/chromium.ts";
import { openDevice } from "../../src/index.ts";
import { writeOnnx } from "../../src/onnx/write-network.ts";
import { inferenceGraph } from "../../src/train/graphs.ts";
import { allowedAfter } from "../support/between-adapters.ts";
import { CHROMIUM_FLAGS } from "../support/chromium-flags.ts";
import { SMALL_NETWORKS } from "../support/learning.ts";
import { useOnnx, type OnnxAnswer } from "../support/onnx-program.ts";
import { blankPage } from "./blank-page.ts";
import { send } from "./files-server.ts";

const ROOT = join(import.meta.dirname, "../..");
const LABELS = ["ant", "bee", "cow"];
const LAYER = "block5.pointwise.clip";

const mobilenet = SMALL_NETWORKS[1];
const { parameters } = inferenceGraph({ network: mobilenet, classes: LABELS.length, batch: 1 });
const weights = new Map(
  [...seededWeights(parameters)].map(([name, { shape, data }]) => [
    name,
    { shape, data: /\/(?:scale|variance)$/.test(name) ? data.map((value) => 1 + value) : data },
  ]),
);
const FILE = writeOnnx(mobilenet, weights, { labels: LABELS });
const PICTURE = encode({
  width: 50,
  height: 40,
  channels: 3,
  depth: 8,
  data: Uint8Array.from({ length: 6000 }, (_, i) => (i * 7919) % 251),
});

const executablePath = findChromium();
describe.skipIf(!executablePath)("in Chromium", () => {
  let browser: Browser;
  let server: ViteDevServer;
  let page: Page;

  beforeAll(async () => {
    const files = send(
      new Map<string, string | Uint8Array>([
        ["small.onnx", FILE],
        ["picture.png", PICTURE],
      ]),
    );
    const served: Plugin = { name: "served", configureServer: ({ middlewares }) => void middlewares.use(files) };
    server = await createServer({
      configFile: join(ROOT, "vite.config.ts"),
      logLevel: "error",
      plugins: [served, blankPage],
      server: { port: 0, host: "localhost" },
    });
    await server.listen();
    browser = await chromium.launch({ executablePath: executablePath as string, args: CHROMIUM_FLAGS });
    page = await (await browser.newContext()).newPage();
    await page.goto(`${server.resolvedUrls?.local[0] ?? ""}blank`);
  });

  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  test("a file of a small MobileNet gives Node's guesses, maps and losses", async () => {
    const there = await page.evaluate<OnnxAnswer>(`(async () => {
      const { useOnnx } = await import("/@fs${ROOT}/kernels-test/support/onnx-program.ts");
      const { openDevice } = await import("/@fs${ROOT}/src/index.ts");
      const bytes = async (path) => new Uint8Array(await (await fetch(path)).arrayBuffer());
      const device = await openDevice();
      const answer = await useOnnx(device, await bytes("/small.onnx"), await bytes("/picture.png"), "${LAYER}");
      await device.dispose();
      return answer;
    })()`);
    const device = await openDevice();
    const here = await useOnnx(device, FILE, PICTURE, LAYER);
    await device.dispose();

    expect(there.guesses.map(({ label }) => label)).toEqual(here.guesses.map(({ label }) => label));
    expect(new Set(here.guesses.map(({ label }) => label))).toEqual(new Set(LABELS));
    there.guesses.forEach(({ score }, i) => expect(Math.abs(score - here.guesses[i].score)).toBeLessThan(allowedAfter(1)));
    here.maps.forEach((map, i) => {
      const largest = Math.max(...map.map(Math.abs));
      expect(largest).toBeGreaterThan(0);
      map.forEach((value, at) => expect(Math.abs(there.maps[i][at] - value) / largest).toBeLessThan(allowedAfter(1)));
    });
    expect(here.losses).toHaveLength(2);
    expect(here.losses[1]).not.toBe(here.losses[0]);
    here.losses.forEach((loss, step) => expect(Math.abs(there.losses[step] / loss - 1)).toBeLessThan(allowedAfter(step + 1)));
  });
});

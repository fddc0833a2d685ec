// Inference, training and a profile in headless Chromium, each on a fresh page in a context of its own, and the numbers those of Node: the README's six
// lines with each network, from the development server and from a bundle; training from the server. Skipped, and counted, where Chromium is absent.
import { encode } from "fast-png";
import { chromium, type Browser, type Page } from "playwright-core";
import { createServer, type Plugin, type ViteDevServer } from "vite";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { findChromium } from "../../src/cli/host/chromium.ts";
import { alexnet, googlenet, loadImage, openDevice } from "../../src/index.ts";
import { networks } from "../../src/models/index.ts";
import { quickSteps, type QuickSteps } from "../support/quick-steps.ts";
import { allowedAfter } from "../support/between-adapters.ts";
import { CHROMIUM_FLAGS } from "../support/chromium-flags.ts";
import { testEngine } from "../support/engine.ts";
import { bundleLibrary, type LibraryBundle } from "../support/library-bundle.ts";
import { smallWeights } from "../support/small-weights.ts";
import { FilesServer, send, type ServedFiles } from "./files-server.ts";

const executablePath = findChromium();
const ROOT = join(import.meta.dirname, "../..");
const CONFIG = join(ROOT, "vite.config.ts");

const models = { alexnet, googlenet };
type Name = keyof typeof models;
const NAMES = Object.keys(models) as Name[];
const STEPS = 3;

const SIX_LINES = readFileSync(join(ROOT, "kernels-test/library/examples/infer.ts"), "utf8");
const WEIGHTS = { alexnet: smallWeights(networks["alexnet"], 10), googlenet: smallWeights(networks["googlenet"], 10) };
const PICTURE = encode({ width: 80, height: 80, channels: 1, depth: 8, data: Uint8Array.from({ length: 6400 }, (_, i) => (i * 7) & 255) });

/** A page with nothing but a script, which finds the library at `address`. */
const scriptPage = (address: string, script: string): string =>
  `<!doctype html><link rel="icon" href="data:,">
  <script type="importmap">{ "imports": { "striatum": "${address}" } }</script>
  <script type="module">${script}</script>`;

/** Makes Chromium's software adapter pass for a GPU, whose kernels are those of the first load. */
const AS_GPU = 'Object.defineProperty(GPUAdapterInfo.prototype, "isFallbackAdapter", { value: false });';

/** The six lines for each network: as printed, as on a GPU, and with the textbook kernels named; what they read; and a page without a script. */
const pagesFor = (address: string): ServedFiles =>
  new Map<string, string | Uint8Array>([
    ["blank.html", scriptPage(address, "")],
    ["cat.jpg", PICTURE],
    ...NAMES.flatMap((name): [string, string | Uint8Array][] => {
      const script = SIX_LINES.replaceAll("googlenet", name);
      return [
        [`${name}.html`, scriptPage(address, script)],
        [`${name}-gpu.html`, scriptPage(address, `${AS_GPU}\n${script}`)],
        [`${name}-textbook.html`, scriptPage(address, script.replace("openDevice()", 'openDevice({ kernels: "textbook" })'))],
        [`weights/bvlc_${name}.caffemodel`, WEIGHTS[name]],
      ];
    }),
  ]);

/** Times every launch of a small AlexNet's training step, and puts them into the performance panel. */
const PROFILE = `import("striatum").then(async ({ alexnet, openDevice, profile }) => {
  const device = await openDevice({ timestamps: true });
  const report = await profile(device, alexnet({ classes: 3, width: 1 / 8, size: 67 }), { batch: 2, phase: "train", repeats: 3 });
  return report.showInPanel() + " launches\\n" + report.table({ by: "layer", top: 10 });
}).catch(({ message }) => message)`;

interface PanelEntry {
  readonly name: string;
  readonly duration: number;
  readonly detail: { readonly devtools: { readonly track: string; readonly properties: readonly (readonly [string, string])[] } };
}

describe.skipIf(!executablePath)("in Chromium", () => {
  let browser: Browser;
  let page: Page;
  /** Addresses that the page asked for. */
  let asked: string[];

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: executablePath as string, args: CHROMIUM_FLAGS });
  });

  afterAll(() => browser?.close());
  afterEach(() => page?.context().close());

  async function fresh(): Promise<void> {
    page = await (await browser.newContext()).newPage();
    asked = [];
    page.on("request", (request) => asked.push(request.url()));
  }

  /** The first line that a page logs. Rejects with the page's error. */
  async function logged(address: string): Promise<string> {
    await fresh();
    const text = new Promise<string>((resolve, reject) => {
      page.on("console", (message) => {
        if (message.type() === "log") resolve(message.text());
        if (message.type() === "error") reject(new Error(message.text()));
      });
      page.on("pageerror", reject);
    });
    text.catch(() => undefined);
    await page.goto(address);
    return text;
  }

  /** The best guess as the six lines print it, against Node's. */
  async function expectBest(name: Name, printed: string): Promise<void> {
    const [, label, score] = /^(class \d) (0\.\d{3})$/.exec(printed) ?? [];
    const device = await openDevice();
    const net = await models[name].load(device, WEIGHTS[name]);
    const [best] = await net.classify(await loadImage(PICTURE));
    expect(label).toBe(best.label);
    expect(Math.abs(Number(score) - best.score)).toBeLessThan(1e-3); // printed with three digits
    net.dispose();
    await device.dispose();
  }

  async function expectSteps(name: string, there: QuickSteps): Promise<void> {
    const node = await quickSteps(await testEngine(), name, STEPS);
    expect(there.losses).toHaveLength(STEPS);
    there.losses.forEach((loss, step) => expect(Math.abs(loss / node.losses[step] - 1)).toBeLessThan(allowedAfter(step + 1)));
    const largest = Math.max(...node.bias.map(Math.abs));
    expect(largest).toBeGreaterThan(0);
    there.bias.forEach((value, i) => expect(Math.abs(value - node.bias[i]) / largest).toBeLessThan(allowedAfter(STEPS)));
  }

  describe("the development server", () => {
    let server: ViteDevServer;
    let url: string;

    beforeAll(async () => {
      const pages = pagesFor(`/@fs${ROOT}/src/index.ts`);
      const served: Plugin = { name: "served", configureServer: ({ middlewares }) => void middlewares.use(send(pages)) };
      server = await createServer({ configFile: CONFIG, logLevel: "error", plugins: [served], server: { port: 0, host: "localhost" } });
      await server.listen();
      url = server.resolvedUrls?.local[0] ?? "";
    });

    afterAll(() => server?.close());

    const othersAsked = (): string[] => asked.filter((address) => address.includes("virtual:shaders/others"));

    test.each(NAMES)("%s classifies in the README's six lines, and fetches the kernels of a software adapter", async (name) => {
      await expectBest(name, await logged(`${url}${name}.html`));
      expect(othersAsked()).toHaveLength(1);
    });

    test.each(NAMES)("%s: the training step gives Node's numbers", async (name) => {
      await fresh();
      await page.goto(`${url}blank.html`);
      const modules = ["src/engine/engine", "src/platform/browser", "kernels-test/support/quick-steps"].map(
        (file) => `import("/@fs${ROOT}/${file}.ts")`,
      );
      const steps = await page.evaluate<QuickSteps>(
        `Promise.all([${modules.join()}]).then(async ([{ openEngine }, { openPlatform }, { quickSteps }]) =>
          quickSteps(await openEngine(await openPlatform()), "${name}", ${STEPS}))`,
      );
      await expectSteps(name, steps);
      expect(othersAsked()).toHaveLength(1);
    });
  });

  describe("a bundle", () => {
    let bundle: LibraryBundle;
    let server: FilesServer;

    beforeAll(async () => {
      bundle = await bundleLibrary();
      server = await FilesServer.open(new Map([...bundle.files, ...pagesFor(`/${bundle.entry}`)]));
    });

    afterAll(() => server?.close());

    function othersAsked(): string[] {
      const others = [...bundle.chunks.values()].filter(({ moduleIds }) => moduleIds.includes("\0virtual:shaders/others"));
      expect(others).toHaveLength(1);
      return asked.filter((address) => address.endsWith(others[0].fileName));
    }

    test.each(NAMES)("%s classifies in the README's six lines, with the shaders of the first load as on a GPU", async (name) => {
      await expectBest(name, await logged(`${server.url}${name}-gpu.html`));
      expect(othersAsked()).toEqual([]);
    });

    test("kernels of another family are fetched when they are named", async () => {
      await expectBest("alexnet", await logged(`${server.url}alexnet-textbook.html`));
      expect(othersAsked()).toHaveLength(1);
    });

    test("a profiled step is tracks of the performance panel, or an error says why not", async () => {
      await fresh();
      await page.goto(`${server.url}blank.html`);
      const text = await page.evaluate<string>(PROFILE);
      await expectProfile(text);
    }, 300_000);
  });

  async function expectProfile(text: string): Promise<void> {
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
  }
});

// The textbook in headless Chromium: each page opens by its address with its figure, its numbers are what the library gives otherwise, its links lead somewhere, axe finds
// nothing in either theme; and all of it without WebGPU, in float64. Skipped, and counted, where Chromium is absent.
import { decode } from "fast-png";
import { readFileSync } from "node:fs";
import { chromium, type Browser, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findChromium } from "../../src/cli/host/chromium.ts";
import { fractalImages } from "../../src/fractals/images.ts";
import { alexnet, googlenet, type Picture } from "../../src/index.ts";
import { interpreter, untrainedInterpreter, type InterpretedLook, type Interpreter } from "../../src/inspect.ts";
import { rocSummary } from "../../src/study.ts";
import { RECORDED } from "../../src/web/rooms/textbook/recorded.ts";
import { CHROMIUM_FLAGS } from "../support/chromium-flags.ts";
import type { FilesServer } from "./files-server.ts";
import { axeViolations, buildPage, servePage, visit, type Visit } from "./page-site.ts";

const executablePath = findChromium();
const WAIT = { timeout: 30_000 };
const PAGES = [
  "convolution",
  "sizes",
  "gates",
  "normalisation",
  "inception",
  "loss",
  "gradient",
  "descent",
  "starts",
  "heads",
  "workgroup",
  "auc",
];
/** Those that a device computes, where there is one. */
const ON_DEVICE = PAGES.filter((name) => name !== "heads" && name !== "auc");
/** float32 against float64: sums of a few hundred products, layer after layer. */
const CLOSE = 1e-4;

type Numbers = Readonly<Record<string, string>>;

/** What the library says without the page: numbers by page and name. */
async function expected(picture: Picture): Promise<Readonly<Record<string, Readonly<Record<string, number>>>>> {
  const weights = (name: string): Uint8Array =>
    readFileSync(new URL(`../../data/weights/${name}-quarter-fractals.safetensors`, import.meta.url));
  const alex = await interpreter(alexnet, weights("alexnet"));
  const inception = await interpreter(googlenet, weights("googlenet"));
  const [forward, other] = [await alex.look(picture), await inception.look(picture)];
  const at = (look: InterpretedLook, id: string, ...[channel, row, column]: readonly number[]): number => {
    const { shape, data } = look.read(id);
    return data[(channel * shape[2] + row) * shape[3] + column];
  };
  const second = [...forward.probabilities.keys()].toSorted((a, b) => forward.probabilities[b] - forward.probabilities[a])[1];
  const backward = await alex.look(picture, { of: { loss: second }, parameters: ["conv2/weight"] });
  const gradients = backward.read("gradient:conv2/weight").data;
  const steepest = gradients.reduce((best, value, i) => (Math.abs(value) > Math.abs(gradients[best]) ? i : best), 0);
  const silent = backward.read("activation:relu7").data.filter((value) => value <= 0).length;
  const untrained = await untrainedInterpreter(googlenet({ classes: 4, width: 1 / 8, size: 64 }), { pixelScale: 1 / 64 }).look(picture, {
    of: { loss: 3 },
    step: 0,
  });
  const scores = [0.95, 0.9, 0.81, 0.74, 0.62, 0.55, 0.48, 0.31, 0.05, 0.08, 0.12, 0.17, 0.22, 0.28, 0.36, 0.45, 0.58, 0.66];
  const roc = rocSummary(
    scores,
    scores.map((_, i) => i < 8),
  );
  const productsOf = ({ layers }: Interpreter, block: string): number =>
    layers
      .filter((layer) => layer.block === block && layer.op === "conv2d")
      .reduce((sum, { name, shape: [, , rows, columns] }) => {
        const weight = inception.read(`parameter:${name}/weight`);
        return sum + rows * columns * weight.data.length;
      }, 0);
  const zeros = (data: Float64Array): number => (100 * data.filter((value) => value <= 0).length) / data.length;
  return {
    convolution: { value: at(forward, "activation:conv1", 0, 7, 7), sum: at(forward, "activation:conv1", 0, 7, 7) },
    sizes: { input: 64, last: forward.read("activation:pool5").shape[2], agreeing: 8, layers: 8 },
    gates: {
      value: at(other, "activation:pool1/3x3_s2", 0, 8, 8),
      zeros: Number(zeros(other.read("activation:conv1/relu_7x7").data).toFixed(1)),
    },
    normalisation: { value: at(forward, "activation:norm1", 12, 7, 7), exact: at(forward, "activation:norm1", 12, 7, 7) },
    inception: {
      inputs: other.read("activation:inception_3a/output").shape[1],
      output: other.read("activation:inception_3b/output").shape[1],
      products: productsOf(inception, "inception_3b"),
    },
    loss: { loss: -Math.log(forward.probabilities[second]), gradient: backward.read("gradient:fc8").data[second] },
    gradient: { gradient: gradients[steepest], sum: gradients[steepest] },
    descent: { start: alex.read("parameter:conv2/weight").data[steepest], gradient: gradients[steepest] },
    starts: { silent: Number(((100 * silent) / 1024).toFixed(1)), units: 1024 },
    heads: { loss3: untrained.losses["loss3"], loss1: untrained.losses["loss1"] },
    workgroup: { outputs: 14 * 14 * 24, depth: 11 * 11 * 4, flops: 2 * 14 * 14 * 24 * 11 * 11 * 4 },
    auc: { auc: roc?.auc ?? NaN, low: roc?.low ?? NaN, high: roc?.high ?? NaN },
  };
}

/** Whether a figure has more than two colours. */
async function isDrawn(page: Page): Promise<boolean> {
  const figure = page.locator("[data-map] .textbook-square, .textbook-lines svg").first();
  const { data, channels } = decode(await figure.screenshot());
  const colours = new Set<number>();
  for (let i = 0; i < data.length; i += channels) colours.add((data[i] << 16) | (data[i + 1] << 8) | data[i + 2]);
  return colours.size > 2;
}

describe.skipIf(!executablePath)("the textbook", () => {
  let browser: Browser;
  let server: FilesServer;
  let url: string;
  let visited: Visit;
  let page: Page;
  let truth: Awaited<ReturnType<typeof expected>>;
  /** Addresses that pages link to. */
  const linked = new Set<string>();

  beforeAll(async () => {
    const pictures = fractalImages({ seed: 0, categories: 32, instances: 1, from: 5000, poses: "upright", size: 128 });
    const [built, found] = await Promise.all([buildPage(), pictures.read(0).then(expected)]);
    truth = found;
    ({ server, url } = await servePage(built));
    browser = await chromium.launch({ executablePath: executablePath as string, args: CHROMIUM_FLAGS });
    visited = await visit(browser, `${url}#/textbook`, { bypassCSP: true });
    page = visited.page;
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  const opened = async (on: Page, name: string): Promise<Numbers> => {
    await on.evaluate((to) => (location.hash = `#/textbook/${to}`), name);
    await on.waitForSelector(`[data-page="${name.split("?")[0]}"][data-ready="true"]`, WAIT).catch(async (error: Error) => {
      throw new Error(`${name}: ${await on.textContent(".messages")} ${await on.textContent(".busy")} ${error.message}`);
    });
    return on.$$eval("[data-number]", (found) =>
      Object.fromEntries(found.map((each) => [each.getAttribute("data-number") ?? "", each.getAttribute("data-value") ?? ""])),
    );
  };

  function expectTruth(name: string, numbers: Numbers): void {
    for (const [number, value] of Object.entries(truth[name])) {
      expect(numbers, name).toHaveProperty(number);
      expect(Math.abs(Number(numbers[number]) - value), `${name}: ${number}`).toBeLessThanOrEqual(CLOSE * Math.max(1e-3, Math.abs(value)));
    }
  }

  test("the first page is the textbook's; the contents list has twelve, and ] and [ turn them", async () => {
    await page.waitForSelector('[data-page="convolution"][data-ready="true"]', WAIT);
    expect(await page.locator(".textbook-contents li").count()).toBe(PAGES.length);
    await page.keyboard.press("]");
    await page.waitForSelector('[data-page="sizes"]', WAIT);
    expect(new URL(page.url()).hash).toBe("#/textbook/sizes");
    await page.keyboard.press("[");
    await page.waitForSelector('[data-page="convolution"]', WAIT);
  });

  test.each(PAGES)(
    "%s: figure, numbers of the library, nothing that axe finds, no scrolling sideways",
    async (name) => {
      const numbers = await opened(page, name);
      expect(await page.getAttribute("[data-page]", "data-how")).toBe(ON_DEVICE.includes(name) ? "gpu" : "float64");
      expect(await page.locator("b.number:not([data-number])").count()).toBe(0);
      expectTruth(name, numbers);
      await expect.poll(() => isDrawn(page), WAIT).toBe(true);
      for (const address of await page.$$eval(".textbook-page a", (all) => all.map((each) => each.getAttribute("href") ?? "")))
        linked.add(address);
      await page.locator(".textbook-page summary").evaluateAll((all) => all.forEach((each) => (each as HTMLElement).click()));
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme });
        expect(await axeViolations(page), colorScheme).toEqual([]);
      }
      for (const width of [400, 900, 1280]) {
        await page.setViewportSize({ width, height: 900 });
        await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
      }
    },
    120_000,
  );

  test("pointing with the arrow keys changes the numbers, and the address has them", async () => {
    const before = await opened(page, "convolution");
    await page.focus(".textbook-pointed");
    await page.keyboard.press("ArrowRight");
    await page.waitForSelector('[data-number="column"][data-value="8"]', WAIT);
    expect(new URL(page.url()).hash).toBe("#/textbook/convolution?at=7,8");
    const after = await page.getAttribute('[data-number="value"]', "data-value");
    expect(after).not.toBe(before["value"]);
    await page.fill('input[name="c"]', "5");
    await page.press('input[name="c"]', "Tab");
    await page.waitForSelector('[data-number="channel"][data-value="5"]', WAIT);
    expect(
      Math.abs(
        Number(await page.getAttribute('[data-number="value"]', "data-value")) -
          Number(await page.getAttribute('[data-number="sum"]', "data-value")),
      ),
    ).toBeLessThan(1e-4);
  }, 60_000);

  test("the gradient is the sum of its terms, and the slope of the loss", async () => {
    const { gradient, sum, slope } = await opened(page, "gradient");
    expect(Math.abs(Number(sum) - Number(gradient))).toBeLessThanOrEqual(CLOSE * Math.abs(Number(gradient)));
    expect(Math.abs(Number(slope) - Number(gradient))).toBeLessThanOrEqual(0.05 * Math.abs(Number(gradient)));
  }, 60_000);

  test("the recorded launch is the launch", async () => {
    const numbers = await opened(page, "workgroup?at=9,9&c=20");
    const own = RECORDED.owners[(9 * 14 + 9) * 24 + 20];
    expect(numbers).toMatchObject({
      id: RECORDED.id,
      family: RECORDED.family,
      workgroups: String(RECORDED.workgroups[0]),
      invocations: String(RECORDED.invocations),
      bytes: String(RECORDED.bytes),
      owner: String(own),
      own: String(RECORDED.owners.filter((owner) => owner === own).length),
    });
  }, 60_000);

  test("links lead to layers and launches that are there", async () => {
    const launches = new Map<string, string[]>();
    for (const net of ["alexnet", "googlenet"]) {
      await page.evaluate((to) => (location.hash = `#/plan?net=${to}`), net);
      await page.waitForFunction(
        (prefix) => document.querySelector(".spine")?.textContent?.includes(prefix),
        net === "alexnet" ? "conv5" : "inception_5b",
        WAIT,
      );
      await page.waitForSelector(".plan .chart", WAIT);
      launches.set(
        net,
        await page.$$eval("[aria-label='Launches in order'] tbody tr > :first-child", (all) =>
          all.map(({ textContent }) => textContent?.trim() ?? ""),
        ),
      );
    }
    const layers = { alexnet: [] as string[], googlenet: [] as string[] };
    for (const [net, family] of [
      ["alexnet", alexnet],
      ["googlenet", googlenet],
    ] as const)
      layers[net] = (
        await interpreter(family, readFileSync(new URL(`../../data/weights/${net}-quarter-fractals.safetensors`, import.meta.url)))
      ).layers.map(({ name }) => name);
    const places = [...linked].map((address) => /^#\/(\w+)\/?([^?]*)\??(.*)$/.exec(address) ?? []);
    let checked = 0;
    for (const [address, room, path, query] of places) {
      const net = /net=alexnet/.test(query) ? "alexnet" : "googlenet";
      if (room === "look") expect(layers[net], address).toContain(decodeURIComponent(path));
      if (room === "kernel" && path !== "") expect(launches.get(net), address).toContain(decodeURIComponent(path));
      if (room === "weight") expect(decodeURIComponent(path), address).toMatch(/^conv2\/o=\d+,i=\d+,y=\d,x=\d$/);
      if (["look", "kernel", "weight"].includes(room)) checked++;
    }
    expect(checked).toBeGreaterThan(12);
    expect(visited.errors).toEqual([]);
    expect(visited.foreign).toEqual([]);
  }, 60_000);

  test("without WebGPU each page is there, with figure and numbers, in float64", async () => {
    const without = await chromium.launch({ executablePath: executablePath as string, args: ["--no-sandbox", "--disable-gpu"] });
    try {
      const bare = await visit(without, `${url}#/textbook`, { bypassCSP: true });
      for (const name of PAGES) {
        const numbers = await opened(bare.page, name);
        expect(await bare.page.getAttribute("[data-page]", "data-how"), name).toBe("float64");
        expectTruth(name, numbers);
        expect(await isDrawn(bare.page), name).toBe(true);
      }
      expect(await axeViolations(bare.page)).toEqual([]);
      expect(bare.errors).toEqual([]);
    } finally {
      await without.close();
    }
  }, 120_000);
});

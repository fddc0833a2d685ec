// Look in headless Chromium, built and served below a folder: the value under the pointer is what reading gives and what the definition gives within its bound, for
// every kind of op and for gradients; every tab is free of axe's violations; keys alone open, move, pin and silence; nothing scrolls sideways on a phone.
import { type Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { findChromium } from "../../src/cli/host/chromium.ts";
import { networks } from "../../src/models/index.ts";
import { philox } from "../../src/tensor/philox.ts";
import { scoringGraph } from "../../src/train/graphs.ts";
import { axeViolations, useSite, visit } from "./page-site.ts";

const executablePath = findChromium();
const LONG = { timeout: 100_000 };

/** A layer of each kind of op; those of AlexNet have groups and a mean image. */
const LAYERS = {
  googlenet: {
    cropImages: "data",
    conv2d: "inception_3a/3x3",
    relu: "conv2/relu_3x3",
    lrn: "pool1/norm1",
    maxPool: "inception_3b/pool",
    concat: "inception_4a/output",
    averagePool: "pool5/7x7_s1",
    reshape: "loss3/classifier/flatten",
    innerProduct: "loss3/classifier",
    softmax: "prob",
  },
  alexnet: {
    cropImages: "data",
    conv2d: "conv2",
    relu: "relu4",
    maxPool: "pool1",
    lrn: "norm2",
    reshape: "fc6/flatten",
    innerProduct: "fc7",
    softmax: "prob",
  },
} as const;
/** Elements of each; of smaller maps all. */
const PIXELS = 50;

interface Hover {
  readonly channel: number;
  readonly seed: number;
}

interface Found {
  readonly at: string;
  readonly read: number;
  readonly value: number;
  readonly exact: number;
  readonly bound: number;
}

/** What the page shows of the element under the cursor, once it is the one that is wanted. */
async function elementAt(page: Page, at: string): Promise<Found> {
  await page.waitForFunction((wanted) => document.querySelector<HTMLElement>(".look-value")?.dataset["at"] === wanted, at, LONG);
  return page.evaluate(() => {
    const data = (selector: string): DOMStringMap => (document.querySelector(selector) as HTMLElement).dataset;
    const { value, exact, bound } = data(".look-sums");
    return {
      at: data(".look-value")["at"] as string,
      read: Number(data(".look-readout")["read"]),
      value: Number(value),
      exact: Number(exact),
      bound: Number(bound),
    };
  });
}

function expectRight({ at, read, value, exact, bound }: Found, layer: string): void {
  expect(value, `${layer} at ${at}`).toBe(read);
  expect(Math.abs(value - exact), `${layer} at ${at}: float32 ${value}, float64 ${exact}`).toBeLessThanOrEqual(bound);
}

describe.skipIf(!executablePath)("Look", () => {
  const site = useSite();

  async function open(hash: string, options: Parameters<typeof visit>[2] = {}): Promise<Page> {
    const page = await site.open(hash, options);
    await page.waitForSelector('.look-readout:not([data-read=""])', LONG);
    return page;
  }

  const go = (page: Page, hash: string): Promise<void> => page.evaluate((to) => void (location.hash = to), hash);

  /** Rows and columns of the map that is open. */
  const extentsOf = (page: Page): Promise<{ rows: number; columns: number }> =>
    page.evaluate(() => {
      const map = document.querySelector(".look-map") as HTMLElement;
      return { rows: Number(map.getAttribute("aria-rowcount")), columns: Number(map.getAttribute("aria-colcount")) };
    });

  /** Points at pixels of the map that is open, and checks each. */
  async function hoverPixels(page: Page, layer: string, { channel, seed }: Hover): Promise<void> {
    const { rows, columns } = await extentsOf(page);
    const map = page.locator(".look-map").first();
    await map.scrollIntoViewIfNeeded();
    const box = (await map.boundingBox()) as { x: number; y: number; width: number; height: number };
    for (let i = 0; i < Math.min(PIXELS, rows * columns); i++) {
      // The corners first: there windows lie in the padding.
      const drawn = philox([seed, 0], [i, 0, 0, 0]);
      const [row, column] = i === 0 ? [0, 0] : i === 1 ? [rows - 1, columns - 1] : [drawn[0] % rows, drawn[1] % columns];
      await page.mouse.move(box.x + ((column + 0.5) * box.width) / columns, box.y + ((row + 0.5) * box.height) / rows);
      expectRight(await elementAt(page, `${channel},${row},${column}`), layer);
    }
  }

  test.each(["googlenet", "alexnet"] as const)(
    "what is pointed at in %s is what is read, and the definition within its bound, for every kind of op",
    async (net) => {
      const { graph } = scoringGraph({ network: networks[net], classes: 32, batch: 1 });
      expect(new Set(Object.keys(LAYERS[net]))).toEqual(new Set(graph.nodes.map(({ op }) => op.name)));
      const page = await open(`#/look/data?net=${net}`);
      for (const [seed, [op, layer]] of Object.entries(LAYERS[net]).entries()) {
        const channel = seed % 3;
        await go(page, `#/look/${layer}?net=${net}&c=${channel}&at=0,0`);
        await elementAt(page, `${channel},0,0`);
        await page.waitForFunction((name) => document.querySelector(".inspector")?.textContent?.includes(`${name}:`), op, LONG);
        await go(page, `#/look/${layer}?net=${net}&c=${channel}`);
        await hoverPixels(page, layer, { channel, seed });
      }
      expect(site.visited.errors).toEqual([]);
      expect(site.visited.foreign).toEqual([]);
    },
    200_000,
  );

  test("gradients of a class and of a loss, too; a picture beside another has the value of both", async () => {
    const page = await open("#/look/conv2?net=alexnet&tab=gradient&c=5");
    await hoverPixels(page, "gradient of conv2", { channel: 5, seed: 31 });
    await go(page, "#/look/pool1?net=alexnet&tab=gradient&of=loss:3&c=1");
    await elementAt(page, "1,3,3");
    await hoverPixels(page, "gradient of pool1", { channel: 1, seed: 32 });
    await go(page, "#/look/conv2?net=alexnet&vs=pic:fractal+9&c=5&at=2,2");
    await page.waitForFunction(() => /\d/.test(document.querySelectorAll(".look-readout")[1]?.textContent ?? ""), undefined, LONG);
    await page.waitForFunction(() => {
      const [one, other] = [...document.querySelectorAll(".look-readout")].map((each) => each.textContent);
      return one !== other;
    });
    expect(site.visited.errors).toEqual([]);
  }, 200_000);

  test("a filter opened by its address has its weights, by pixel and by input", async () => {
    const page = await open("#/look/conv2?net=alexnet&tab=filter&c=5");
    expect(await extentsOf(page)).toEqual({ rows: 5, columns: 5 });
    expect(await page.innerText(".look-where")).toMatch(/^weight of output 5, input \d+, row 2, column 2$/);
    expect(Number(await page.getAttribute(".look-value", "data-value"))).not.toBe(0);
    await page.locator(".look-norms summary").click();
    expect(await page.locator(".look-norms tbody tr").count()).toBe(12);
    await go(page, "#/look/conv1?net=alexnet&tab=filter&c=2");
    await page.waitForFunction(() => /weights of output 2/.test(document.querySelector(".look-where")?.textContent ?? ""), undefined, LONG);
    expect(await page.innerText(".inspector dl")).toContain("green");
  }, 120_000);

  test("keys alone: a pixel, a channel, a layer, a pin, a scale", async () => {
    const page = await open("#/look/conv2?net=alexnet");
    const hash = (): string => new URL(page.url()).hash;
    await elementAt(page, "0,3,3");
    for (const key of ["ArrowRight", "ArrowUp", "Shift+ArrowRight"]) await page.keyboard.press(key);
    expectRight(await elementAt(page, "1,2,4"), "conv2");
    await page.keyboard.press("Enter");
    expect(hash()).toBe("#/look/conv2?net=alexnet&c=1&at=2,4");
    await page.keyboard.press("s");
    expect(hash()).toContain("scale=layer");
    await page.keyboard.press("Escape");
    expect(hash()).not.toContain("at=");
    await page.keyboard.press("]");
    expect(hash()).toContain("#/look/relu2?");
    await page.goBack();
    await page.waitForFunction(() => location.hash.startsWith("#/look/conv2"));
    await page.waitForFunction(() => /channel 1, row/.test(document.querySelector(".look-spoken")?.textContent ?? ""), undefined, LONG);
  }, 120_000);

  test("a silenced channel moves the classes; the set's most exciting pictures and Grad-CAM are found", async () => {
    const page = await open("#/look/conv2?net=alexnet&c=2");
    const classes = (): Promise<string> => page.innerText(".look-classes tbody");
    const before = await classes();
    await page.getByRole("button", { name: "Silence this channel" }).click();
    expect(new URL(page.url()).hash).toContain("off=conv2:2");
    await page.waitForFunction(() => /[▲▼]/.test(document.querySelector(".look-classes")?.textContent ?? ""), undefined, LONG);
    expect(await classes()).not.toBe(before);
    await page.waitForFunction(() => document.querySelector<HTMLElement>(".look-value")?.dataset["value"] === "0", undefined, LONG);
    await page.getByRole("button", { name: "Let conv2 2 speak again" }).click();
    await page.getByRole("button", { name: /Look through all 32/ }).click();
    await page.waitForFunction(() => document.querySelectorAll(".look-crops canvas").length === 9, undefined, LONG);
    const values = await page.$$eval(".look-crops .number", (found) =>
      found.map(({ textContent }) => Number(textContent?.replace("−", "-"))),
    );
    expect(values).toEqual(values.toSorted((a, b) => b - a));
    await page.getByRole("button", { name: /Grad-CAM/ }).click();
    await page.waitForSelector(".look-why canvas", LONG);
    expect(await page.innerText(".look-why figcaption")).toContain("2 passes");
    expect(site.visited.errors).toEqual([]);
  }, 200_000);

  test.each([
    ["light", 1280],
    ["dark", 400],
  ] as const)(
    "no violation of axe's rules in any tab, %s, %d pixels wide, and nothing scrolls sideways",
    async (colorScheme, width) => {
      const page = await open("#/look/conv2?net=alexnet&at=0,0", { colorScheme, viewport: { width, height: 800 }, bypassCSP: true });
      for (const tab of ["activation", "gradient", "filter", "histogram"]) {
        await page.locator(`#look-tab-${tab}`).click();
        await page.waitForSelector(`#look-tab-${tab}[aria-selected="true"]`);
        expect(await axeViolations(page), tab).toEqual([]);
        expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), tab).toBeLessThanOrEqual(0);
      }
    },
    120_000,
  );
});

// The room Kernel in headless Chromium: a launch's text, its owner map, its run against the definition, and edited kernels, of which none takes the page along.
// Skipped, and counted, where Chromium is absent.
import { type Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { findChromium } from "../../src/cli/host/chromium.ts";
import { axeViolations, useSite, visit } from "./page-site.ts";

const executablePath = findChromium();
const PATIENT = { timeout: 100_000 };
const TEXTBOOK = "#/kernel/relu2%230?net=alexnet&family=textbook";

describe.skipIf(!executablePath)("Kernel", () => {
  const site = useSite();

  async function open(hash: string, options: Parameters<typeof visit>[2] = {}): Promise<Page> {
    const page = await site.open(hash, options);
    await page.waitForSelector(".code .code-keyword", PATIENT);
    return page;
  }

  /** Tries a text in the editor, from the keyboard; what the verdict says. */
  async function tried(page: Page, edit: (text: string) => string): Promise<string> {
    const text = await page.inputValue(".editor");
    const edited = edit(text);
    expect(edited).not.toBe(text);
    await page.fill(".editor", edited);
    // A text that the compiler refuses is judged within a frame: what comes and goes is observed, not looked for.
    const judged = page.evaluate(
      () =>
        new Promise<void>((resolve) => {
          let runs = false;
          const observer = new MutationObserver(() => {
            const ran = runs;
            runs = document.querySelector(".kernel-state button") !== null;
            if (!ran || runs) return;
            observer.disconnect();
            resolve();
          });
          observer.observe(document.body, { childList: true, subtree: true });
        }),
    );
    await page.press(".editor", "Control+Enter");
    await judged;
    return (await page.textContent(".kernel-edit")) ?? "";
  }

  test("an address opens a launch: its text as it is written, another kernel beside it, formula and bindings", async () => {
    const page = await open("#/kernel/conv2?net=alexnet");
    // Comments and indentation are there, though the bundle's kernels have none.
    const codes = await page.$$eval(".code", (elements) => elements.map(({ textContent }) => textContent ?? ""));
    expect(codes[0]).toContain("// Matrix product");
    expect(codes[0]).toContain("@compute");
    expect(codes[1]).toContain("for (var r = 0u; r < dims.kh; r++) {");
    expect(codes[1]).toMatch(/\n? {6}\/\/ A row above or left of the image is negative/);
    expect(await page.$$eval(".code-line[data-tag]", ({ length }) => length)).toBeGreaterThan(0);
    expect(await page.$eval(".formula math", ({ textContent }) => textContent)).toContain("∑");
    expect(await page.textContent(".inspector")).toContain("conv2/weight");
    await page.keyboard.press("b");
    await page.waitForFunction(() => document.querySelectorAll(".code")[1]?.textContent?.includes("@compute"), undefined, PATIENT);
    await page.getByLabel("as a difference").check();
    await page.waitForSelector(".kernel-codes .diff [data-kind=gone]", PATIENT);
    expect(await page.textContent(".kernel-codes")).toMatch(/Lines: \d+ removed \(−\), \d+ added/);
    await page.getByLabel("as a difference").uncheck();
    await page.selectOption(".kernel-codes select", "definition");
    await page.waitForFunction(() => document.querySelectorAll(".code")[1]?.textContent?.includes("reference("), undefined, PATIENT);
    expect(new URL(page.url()).hash).toContain("against=definition");
    await page.keyboard.press("]");
    await page.waitForFunction(() => location.hash !== "#/kernel/conv2?net=alexnet&against=definition");
    await page.goBack();
    expect(new URL(page.url()).hash).toBe("#/kernel/conv2?net=alexnet&against=definition");
    expect(site.visited.errors).toEqual([]);
    expect(site.visited.foreign).toEqual([]);
  }, 200_000);

  test("the kernel says what its workgroups make; the map is read with arrow keys, and lights up step by step", async () => {
    const page = await open(TEXTBOOK);
    await page.keyboard.press("o");
    await page.waitForSelector(".map", PATIENT);
    expect(await page.textContent(".kernel")).toContain("Each is stored once, by one workgroup.");
    await page.focus(".map");
    const at = (): Promise<string | null> => page.textContent(".map-words");
    // An invocation of the textbook kernel makes one output, channels first: a pixel's 64 are one workgroup's.
    expect(await at()).toBe("row 0, column 0, channel 0: workgroup 0 makes 64 elements");
    await page.keyboard.press("ArrowRight");
    expect(await at()).toBe("row 0, column 1, channel 0: workgroup 1 makes 64 elements");
    await page.keyboard.press("ArrowDown");
    expect(await at()).toMatch(/^row 1, column 1, channel 0: workgroup 8 /);
    // A window of 5 x 5 around the pixel, of which a row and a column lie in the padding.
    expect(await page.textContent(".kernel h3")).toBe("What workgroup 8 needs of pool1");
    expect(await page.textContent(".kernel")).toContain("16 of 49 pixels, 1.54 kB with their channels");
    await page.keyboard.press(".");
    expect(await page.textContent(".kernel .row .number")).toBe("1 / 49");
    await page.keyboard.press("o");
    await page.waitForFunction(() => document.querySelector(".kernel .row .number")?.textContent === "49 / 49", undefined, PATIENT);
  }, 200_000);

  test("a run gives times and the worst element against its bound, for every family", async () => {
    const page = await open(TEXTBOOK);
    await page.keyboard.press("v");
    await page.waitForSelector(".inspector .verdict", PATIENT);
    expect(await page.textContent(".inspector .verdict")).toContain("All 3,136 elements are within the derived bound");
    expect(await page.textContent(".inspector")).toMatch(/Median time\s*[\d.]+ (µs|ms)/);
    await page.selectOption(".kernel > .card:first-child select >> nth=2", "subgroup");
    await page.waitForFunction(() => document.querySelector(".kernel-name")?.textContent?.includes("gemm-subgroup"), undefined, PATIENT);
    await page.keyboard.press("v");
    await page.waitForSelector(".inspector .verdict", PATIENT);
    expect(await page.getAttribute(".inspector .verdict", "data-right")).toBe("true");
    // The launches of a training step are those of its gradients and updates too.
    await page.selectOption(".kernel > .card:first-child select >> nth=0", "training");
    await page.waitForFunction(
      () => document.querySelector(".kernel select optgroup")?.parentElement?.textContent?.includes("conv2dUpdate"),
      undefined,
      PATIENT,
    );
    expect(new URL(page.url()).hash).toContain("step=training");
  }, 250_000);

  test("an edited kernel is judged: right, wrong and where, refused by the compiler and where, endless", async () => {
    const page = await open(TEXTBOOK);
    const right = await tried(page, (text) =>
      text.replace("for (var r = 0u; r < dims.kh; r++) {\n", "for (var up = 0u; up < dims.kh; up++) {\n      let r = dims.kh - 1 - up;\n"),
    );
    expect(right).toContain("Right: it equals the definition within float32's bound.");
    await page.click("text=Start again");
    const wrong = await tried(page, (text) => text.replace("ix >= dims.width", "ix > dims.width"));
    expect(wrong).toMatch(/Wrong\..*\d+ of 3136 elements are wrong/s);
    const differing = (kind: string): Promise<string[]> =>
      page.$$eval(`.kernel-edit .diff [data-kind=${kind}]`, (lines) => lines.map(({ textContent }) => textContent?.trim() ?? ""));
    expect(await differing("gone")).toEqual(["−       if (iy >= dims.height || ix >= dims.width) { continue; }"]);
    expect(await differing("new")).toEqual(["+       if (iy >= dims.height || ix > dims.width) { continue; }"]);
    await page.focus(".kernel-edit .map");
    expect(await page.textContent(".kernel-edit .map-words")).toMatch(/column 6, channel \d+: wrong; found .*, exact /);
    const refused = await tried(page, (text) => text.replace("ix > dims.width", "ix > dims.breadth"));
    expect(refused).toContain("It does not compile.");
    expect(refused).toContain("breadth");
    await page.click(".compiler button");
    const selected = await page.$eval(".editor", (editor) => {
      const { value, selectionStart, selectionEnd } = editor as HTMLTextAreaElement;
      return value.slice(selectionStart, selectionEnd);
    });
    expect(selected).toContain("dims.breadth");
    const endless = await tried(page, (text) =>
      text.replace("ix > dims.breadth", "ix >= dims.width").replace("c < dims.channels; c++", "c < dims.channels; c += 0"),
    );
    expect(endless).toContain("A loop does not end.");
    // The text that was edited is still there after another launch was open.
    await page.keyboard.press("Tab");
    await page.evaluate(() => (location.hash = "#/start?net=alexnet"));
    await page.waitForSelector(".bars li", PATIENT);
    expect(site.visited.errors).toEqual([]);
  }, 250_000);

  test("what runs can be stopped with its worker and its device, and the next try opens others", async () => {
    const page = await open(TEXTBOOK);
    await page.press(".editor", "Control+Enter");
    await page.click(".kernel-edit .kernel-state button", PATIENT);
    await page.waitForFunction(
      () => document.querySelector(".kernel-edit .fault")?.textContent?.startsWith("Stopped."),
      undefined,
      PATIENT,
    );
    expect(await tried(page, (text) => `${text}\n// again`)).toContain("Right:");
    expect(site.visited.errors).toEqual([]);
  }, 200_000);

  test.each(["light", "dark"] as const)(
    "no violation of axe's rules, and no sideways scroll on a phone, %s",
    async (colorScheme) => {
      const page = await open(TEXTBOOK, { colorScheme, bypassCSP: true, viewport: { width: 400, height: 800 } });
      await page.keyboard.press("o");
      await page.waitForSelector(".map", PATIENT);
      await tried(page, (text) => text.replace("var sum = biasOf(output);", "var sum = 0.0 + biasOf(output) + unknown;"));
      expect(await axeViolations(page)).toEqual([]);
      await page.click("text=Start again");
      await tried(page, (text) => text.replace("var sum = biasOf(output);", "var sum = 0.0;"));
      expect(await axeViolations(page)).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(400);
    },
    250_000,
  );
});

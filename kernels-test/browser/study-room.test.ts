// Study in headless Chromium, built and served below a folder: a folder of DICOM, compressed and not, that is dropped on it is checked and studied by all eight models to
// its report, across a killed GPU process and a closed tab; no request leaves, and no value of an identifying tag is anywhere: not on the page, not in the browser's storage, not in what is saved.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium, type Browser, type BrowserContext, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadFrameEncoders } from "../../src/codecs/frame-encoders.ts";
import { findChromium } from "../../src/cli/host/chromium.ts";
import { CHROMIUM_FLAGS } from "../support/chromium-flags.ts";
import { SYNTAXES, writePictures, writeSeries } from "../support/study-cases.ts";
import { dropOn } from "./drop.ts";
import type { FilesServer } from "./files-server.ts";
import { killGpuProcess } from "./gpu-process.ts";
import { buildPage, servePage, visit, visitIn, type Visit } from "./page-site.ts";

const executablePath = findChromium();
const LONG = { timeout: 60_000 };
const CASES = 24;
const MODELS = 8;
/** What identifies the patients of the cases: in the place of the phantoms' own, and as long. */
const NAME = "CANARYZ^";
const ID = "CY";

/** CT series with the identifying tags of a canary, and a list of them. Returns UIDs of some. */
async function writeCases(folder: string, cases: number): Promise<string[]> {
  writeSeries(folder, cases, {
    syntaxes: [...SYNTAXES, "jpeg-ls", "jpeg-2000-lossless"],
    encoders: await loadFrameEncoders(),
    // Few to score: the report's occlusion maps are most of the work.
    splitOf: (series) => (series < 4 ? "test" : series < 8 ? "val" : "train"),
  });
  const uids: string[] = [];
  for (const path of readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".dcm"))) {
    const text = readFileSync(join(folder, path), "latin1")
      .replaceAll("PHANTOM^", NAME)
      .replaceAll(/PH(\d{4})/g, `${ID}$1`);
    uids.push(/2\.25\.\d{20,}/.exec(text)?.[0] ?? "");
    writeFileSync(join(folder, path), text, "latin1");
  }
  return uids;
}

describe.skipIf(!executablePath)("Study", () => {
  const scratch = mkdtempSync(join(tmpdir(), "striatum-study-room-"));
  const cases = join(scratch, "cases");
  let browser: Browser;
  let server: FilesServer;
  let url: string;
  let canaries: string[];

  beforeAll(async () => {
    canaries = [NAME, `${ID}0001`, ...(await writeCases(cases, CASES)).slice(0, 3)];
    expect(canaries.every((text) => text.length > 5)).toBe(true);
    ({ server, url } = await servePage(await buildPage()));
    browser = await chromium.launch({ executablePath: executablePath as string, args: CHROMIUM_FLAGS });
  }, 100_000);
  afterAll(async () => {
    await browser?.close();
    await server?.close();
    rmSync(scratch, { recursive: true, force: true });
  });

  const drop = (page: Page, folder: string): Promise<void> => dropOn(page, ".study-drop", folder);
  const press = (page: Page, name: string | RegExp): Promise<void> => page.getByRole("button", { name }).click(LONG);
  const says = (page: Page, text: string): Promise<unknown> =>
    page.waitForFunction((wanted) => document.querySelector(".study")?.textContent?.includes(wanted), text, LONG);

  /** All text in the origin's private file system, file by file, as bytes. */
  const stored = (page: Page): Promise<{ readonly names: string[]; readonly text: string }> =>
    page.evaluate(async () => {
      const names: string[] = [];
      const texts: string[] = [];
      const walk = async (folder: FileSystemDirectoryHandle, path: string): Promise<void> => {
        for await (const [name, handle] of folder.entries()) {
          if (handle.kind === "directory") await walk(handle, `${path}${name}/`);
          else {
            names.push(path + name);
            texts.push(new TextDecoder("latin1").decode(await (await handle.getFile()).arrayBuffer()));
          }
        }
      };
      await walk(await navigator.storage.getDirectory(), "");
      return { names, text: texts.join("\n") };
    });

  const open = (context: BrowserContext | null, hash: string): Promise<Visit> =>
    context ? visitIn(context, url + hash) : visit(browser, url + hash);
  const done = (page: Page, count: number): Promise<unknown> =>
    page.waitForFunction((wanted) => document.querySelectorAll('tr[data-state="done"]').length >= wanted, count, { timeout: 120_000 });

  test("a dropped folder of drawn CT series goes to the report of eight models, across a killed GPU process and a closed tab; nothing leaves, and no identifying value is anywhere", async () => {
    const first = await open(null, "#/study?net=alexnet&steps=1");
    const { page, context, errors, foreign } = first;
    await page.waitForSelector(".study-drop", LONG);
    await drop(page, cases);
    await says(page, "Nothing has been read yet");
    await page.getByLabel("series are slabs").check();
    await press(page, "Read and check the cases");
    await says(page, "Usable cases by split and label");
    expect(await page.locator(".study-sheet canvas").count()).toBe(CASES);
    await says(page, "95 % interval");
    await press(page, "Fix the protocol");
    await says(page, "The test set is shut");
    await press(page, "Start");
    await done(page, 2);
    await killGpuProcess(browser);
    await done(page, 3);
    expect((await stored(page)).names.filter((name) => name.endsWith("report.html"))).toEqual([]);
    for (const text of canaries) expect(await page.content()).not.toContain(text);
    await page.close();

    const second = await open(context, "#/study?net=alexnet");
    const { page: again } = second;
    await says(again, "A study is in this browser");
    await drop(again, cases);
    await press(again, "Go on");
    await done(again, MODELS);
    await says(again, "Open the report here");
    await press(again, "Open the report here");
    await again.waitForFunction(
      () => document.querySelector(".study-report")?.shadowRoot?.textContent?.includes("AlexNet"),
      undefined,
      LONG,
    );
    const [download] = await Promise.all([again.waitForEvent("download"), press(again, "Save report.html")]);
    const report = readFileSync(await download.path(), "utf8");
    expect(report).toContain("<!doctype html>");
    const kept = await stored(again);
    // What is looked through below is what is there.
    expect(kept.names.some((name) => name.endsWith("run.json"))).toBe(true);
    expect(kept.text).toContain("p_none");
    for (const [where, text] of Object.entries({ page: await again.content(), report, storage: kept.text, names: kept.names.join("\n") }))
      for (const canary of canaries) expect(text.includes(canary), `${canary} in ${where}`).toBe(false);
    await press(again, "Remove everything of this study");
    await says(again, "its folder is empty");
    expect((await stored(again)).names).toEqual([]);
    expect([...errors, ...second.errors]).toEqual([]);
    expect([...foreign, ...second.foreign]).toEqual([]);
    await context.close();
  }, 400_000);

  test("a folder without a list gets its labels from the keys 1, 2 and 3, and labels.csv has them", async () => {
    const pictures = join(scratch, "pictures");
    writePictures(pictures, 15);
    rmSync(join(pictures, "labels.csv"));
    const { page, context, errors } = await open(null, "#/study?net=alexnet");
    await page.waitForSelector(".study-drop", LONG);
    await drop(page, pictures);
    await press(page, "Read and check the cases");
    await says(page, "0 of 15 have a label");
    // The case that a key labels is shown large; what belongs to other rooms is not.
    expect(await page.textContent(".study-large")).toContain("case 0: no label yet");
    expect(await page.locator(".study-large canvas").evaluate((canvas: HTMLCanvasElement) => canvas.width)).toBeGreaterThan(200);
    expect(await page.getByLabel("Network").isVisible()).toBe(false);
    expect(await page.locator(".spine").isVisible()).toBe(false);
    for (const path of readdirSync(pictures).toSorted()) await page.keyboard.press(String(1 + (Number.parseInt(path) % 3)));
    await says(page, "15 of 15 have a label");
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByText("Download labels.csv").click()]);
    const labels = readFileSync(await download.path(), "utf8");
    expect(labels.split("\n")).toEqual(expect.arrayContaining(["path,label", "0.png,none", "1.png,left", "14.png,right"]));
    await press(page, "Check with these labels");
    await says(page, "Usable cases by split and label");
    await press(page, "Change labels");
    await says(page, "15 of 15 have a label");
    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("1");
    expect(await page.textContent(".study-large")).toContain("none");
    await press(page, "Check with these labels");
    await says(page, "Usable cases by split and label");
    expect(errors).toEqual([]);
    await context.close();
  }, 90_000);
});

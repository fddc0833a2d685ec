// What the built page loads, in gzip: before anything is computed, up to the first answer, and for each room. And that rooms give back what they take of the device.
// Skipped, and counted, where Chromium is absent.
import { gzipSync } from "node:zlib";
import { chromium, type Browser, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findChromium } from "../../src/cli/host/chromium.ts";
import { ROOMS } from "../../src/web/rooms/rooms.ts";
import { CHROMIUM_FLAGS } from "../support/chromium-flags.ts";
import type { FilesServer } from "./files-server.ts";
import { buildPage, servePage, visit, type BuiltPage } from "./page-site.ts";

const executablePath = findChromium();
const ANSWER = { timeout: 100_000 };
/** Thousands of bytes of gzip. What draws charts and colours code is loaded by the rooms that have some, and does not count there. */
const SHELL_KB = 25;
const FIRST_ANSWER_KB = 110;
/** What a software adapter takes more before its first pass: shaders of its kernel families. */
const SOFTWARE = /others-/;
const ROOM_KB = 40;
/** Learn loads the trainer and what draws its pictures; Study's worker is the whole study, from DICOM to the report. */
const MORE_KB: Readonly<Record<string, number>> = { learn: 20, study: 210 };
/** Rooms that keep what they have when they are left: a run, scored cases, a study. */
const KEEPS = ["learn", "weight", "cases", "study"];
const WEIGHTS_KB = 1000;
const BESIDE = /plot|shiki|core|wgsl|langs|engine-javascript|\bdist-|typescript-/;

describe.skipIf(!executablePath)("the built page", () => {
  let browser: Browser;
  let built: BuiltPage;
  let server: FilesServer;
  let url: string;
  /** Names of files that the page asked for, in order. */
  const asked: string[] = [];

  beforeAll(async () => {
    built = await buildPage();
    ({ server, url } = await servePage(built));
    browser = await chromium.launch({ executablePath: executablePath as string, args: CHROMIUM_FLAGS });
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  const isCode = (name: string): boolean => /\.(js|css|html)$/.test(name);
  const kilobytes = (names: Iterable<string>): number =>
    [...new Set(names)].reduce((sum, name) => sum + gzipSync(built.files.get(name) ?? "", { level: 9 }).length, 0) / 1000;

  /** The page's own modules: what index.html names, and what that imports at once. */
  function shell(): Set<string> {
    const chunks = new Map(built.outputs.flatMap((output) => (output.type === "chunk" ? [[output.fileName, output] as const] : [])));
    const html = String(built.files.get("index.html"));
    const found = new Set(["index.html", ...[...built.files.keys()].filter((name) => html.includes(name))]);
    for (const name of found) for (const more of chunks.get(name)?.imports ?? []) found.add(more);
    return found;
  }

  const answered = (page: Page): Promise<unknown> => page.waitForSelector(".bars li", ANSWER);

  async function taken(page: Page): Promise<string> {
    await page.click(".chip[data-kind]");
    await page.waitForSelector(".taken >> text=bytes", ANSWER);
    const text = (await page.textContent(".taken")) as string;
    await page.keyboard.press("Escape");
    return text;
  }

  /** Memory once what rooms were computing when they were left has ended: the same three times in a row. */
  async function settled(page: Page): Promise<string> {
    const seen: string[] = [];
    while (seen.length < 3 || new Set(seen.slice(-3)).size > 1) {
      await page.waitForTimeout(2000);
      seen.push(await taken(page));
    }
    return seen.at(-1) as string;
  }

  test("loads little, and each room what it needs; twenty changes of room leave the device's memory as it was", async () => {
    const visited = await visit(browser, "about:blank", { serviceWorkers: "block" }); // it asks for everything
    const { page } = visited;
    page.on("request", (request) =>
      asked.push(
        request
          .url()
          .slice(url.length - "index.html".length)
          .replace(/[?#].*$/, ""),
      ),
    );
    await page.goto(`${url}#/start`);
    await answered(page);
    const first = kilobytes(shell());
    const answer = kilobytes(asked.filter((name) => isCode(name) && !SOFTWARE.test(name)));
    const weights = kilobytes(asked.filter((name) => name.endsWith(".safetensors")));
    process.stdout.write(
      `shell ${first.toFixed(1)} kB, to the first answer ${answer.toFixed(1)} kB of code and ${weights.toFixed(0)} kB of weights\n`,
    );
    expect(first).toBeLessThanOrEqual(SHELL_KB);
    expect(answer).toBeLessThanOrEqual(FIRST_ANSWER_KB);
    expect(weights).toBeLessThanOrEqual(WEIGHTS_KB);

    const load = async (name: string): Promise<void> => {
      const before = new Set(asked);
      await page.click(`.rooms a[href^="#/${name}"]`);
      await page.waitForSelector(`.rooms a[aria-current=page][href^="#/${name}"]`);
      // A room's worker part asks for files as it computes: nothing for three seconds means that it has all.
      for (let seen = -1; seen < asked.length; await page.waitForTimeout(3000)) seen = asked.length;
      const more = kilobytes(asked.filter((file) => isCode(file) && !before.has(file) && !BESIDE.test(file)));
      process.stdout.write(`room ${name}: ${more.toFixed(1)} kB\n`);
      expect(more, name).toBeGreaterThan(0);
      expect(more, name).toBeLessThanOrEqual(ROOM_KB + (MORE_KB[name] ?? 0));
    };
    const rooms = Object.keys(ROOMS).filter((name) => !KEEPS.includes(name));
    for (const name of rooms.filter((room) => room !== "start")) await load(name);

    const enter = async (name: string): Promise<void> => {
      await page.click(`.rooms a[href^="#/${name}"]`);
      await page.waitForSelector(`.rooms a[aria-current=page][href^="#/${name}"]`);
    };
    await enter("start");
    await answered(page);
    const before = await settled(page);
    for (let i = 1; i <= 20; i++) await enter(rooms[i % rooms.length]);
    await enter("start");
    await answered(page);
    expect(await settled(page)).toBe(before);
    for (const name of KEEPS) await load(name);
    expect(visited.errors).toEqual([]);
    await visited.context.close();
  }, 200_000);
});

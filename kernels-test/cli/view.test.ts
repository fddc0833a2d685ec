// `striatum view`: its server answers its own page on the loopback interface alone, gives nothing but the page and the run, and ends with Ctrl-C.
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { builtPage, serveView, type ViewServer } from "../../src/cli/host/view-server.ts";
import { expectBuiltPage } from "../../src/cli/built-page.ts";
import { sourceOf } from "../../src/cli/commands/view.ts";
import { openNodePlatform } from "../../src/platform/node.ts";
import { RunFolder } from "../../src/train/run-folder.ts";

const scratch = mkdtempSync(join(tmpdir(), "striatum-view-"));
const run = join(scratch, "run");
const page = join(scratch, "page");
const BIN = join(import.meta.dirname, "../../src/cli/striatum.mjs");

beforeAll(async () => {
  const { files } = await openNodePlatform();
  const folder = await RunFolder.create(files, run, { format: "striatum-job-1", network: "alexnet", classes: ["none", "left"] });
  await folder.append({ epoch: 1, step: 10, loss: 0.5, validationLoss: 0.6 });
  mkdirSync(join(page, "assets"), { recursive: true });
  writeFileSync(join(page, "index.html"), "<!doctype html>the page");
  writeFileSync(join(page, "assets", "a.js"), "export {};");
  writeFileSync(join(scratch, "secret.txt"), "secret");
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly headers: Readonly<Record<string, unknown>>;
}

/** Asks as any program might: no client makes a path or a host right. */
const ask = (url: string, path: string, { method = "GET", ...headers }: Record<string, string> = {}): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const { port } = new URL(url);
    const asked = request({ host: "127.0.0.1", port, path, method, headers }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part: string) => (text += part));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text, headers: response.headers }));
    });
    asked.on("error", reject);
    asked.end();
  });

describe("the server", () => {
  let server: ViewServer;
  beforeAll(async () => {
    server = await serveView(await builtPage(page), (await sourceOf(await openNodePlatform(), run)).read);
  });
  afterAll(() => server.close());

  test("gives the page and the run, and says that nothing is to be kept", async () => {
    expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
    expect((await ask(server.url, "/")).text).toContain("the page");
    expect((await ask(server.url, "/assets/a.js")).headers["content-type"]).toBe("text/javascript");
    const { text, headers } = await ask(server.url, "/view/info");
    expect(JSON.parse(text)).toEqual({ kind: "run", network: "alexnet", classes: ["none", "left"], done: false });
    expect(headers["cache-control"]).toBe("no-store");
    expect(JSON.parse((await ask(server.url, "/view/curves")).text)).toEqual({
      run: [{ epoch: 1, step: 10, loss: 0.5, validationLoss: 0.6 }],
    });
  });

  test("reads what a run that still trains has written meanwhile", async () => {
    const { files } = await openNodePlatform();
    await (await RunFolder.open(files, run)).append({ epoch: 2, step: 20, loss: 0.4 });
    expect(JSON.parse((await ask(server.url, "/view/curves")).text)["run"]).toHaveLength(2);
  });

  test.each([
    "/../secret.txt",
    "/..%2fsecret.txt",
    "/assets/../../secret.txt",
    "//secret.txt",
    "/view/../secret.txt",
    "/view/job.json",
    "/view/..%2f..%2fsecret.txt",
    "/secret.txt",
  ])("has nothing at %s", async (path) => {
    const { status, text } = await ask(server.url, path);
    expect([400, 404, 500]).toContain(status);
    expect(text).not.toContain("secret\n");
    expect(text).not.toBe("secret");
  });

  test.each([{ host: "evil.example" }, { host: "evil.example:80" }, { host: "127.0.0.1.evil.example" }])(
    "refuses another host's name: %o",
    async (headers) => {
      expect((await ask(server.url, "/view/info", headers)).status).toBe(403);
    },
  );

  test("refuses pages of other sites, and anything but reading", async () => {
    expect((await ask(server.url, "/view/info", { "sec-fetch-site": "cross-site" })).status).toBe(403);
    expect((await ask(server.url, "/view/info", { "sec-fetch-site": "same-site" })).status).toBe(403);
    expect((await ask(server.url, "/view/info", { "sec-fetch-site": "same-origin" })).status).toBe(200);
    expect((await ask(server.url, "/view/info", { method: "POST" })).status).toBe(405);
  });
});

test("the command says its address, of Learn while the run trains, and Ctrl-C ends it with 0", async () => {
  const child = spawn(process.execPath, [BIN, "view", run, "--page", page], { stdio: ["ignore", "pipe", "pipe"] });
  const url = await new Promise<string>((resolve, reject) => {
    let text = "";
    child.stdout.setEncoding("utf8").on("data", (part: string) => {
      text += part;
      if (text.includes("\n")) resolve(text.trim());
    });
    child.on("error", reject);
    child.on("exit", () => reject(new Error(`ended early: ${text}`)));
  });
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/#\/learn\?of=view$/);
  expect((await ask(url, "/view/info")).status).toBe(200);
  const ended = new Promise<number | null>((resolve) => child.on("exit", resolve));
  child.kill("SIGINT");
  expect(await ended).toBe(0);
}, 60_000);

test("a folder that is neither a run nor a study is refused, and so is a missing page", async () => {
  const platform = await openNodePlatform();
  await expect(sourceOf(platform, scratch)).rejects.toThrow("neither a run nor a study");
  expect(() => expectBuiltPage(scratch)).toThrow(/has no built page\. The npm package comes without it .* run `npm ci && npm run build`/);
  expect(() => expectBuiltPage(page)).not.toThrow();
});

// `striatum weights get`, against a server of its own: what comes is checked before anything is written.
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { nodeFiles } from "../platform/node-files.ts";
import { PUBLISHED_WEIGHTS } from "../weights/published.ts";
import { getWeights } from "./commands/weights.ts";

const CONTENT = Uint8Array.from({ length: 300_000 }, (_, i) => (i * i) >> 3);
const scratch = mkdtempSync(join(tmpdir(), "striatum-weights-"));
let server: Server;
let url: string;
let asked = 0;

beforeAll(async () => {
  server = createServer((request, response) => {
    asked++;
    if (request.url !== "/whole") response.statusCode = 404;
    response.setHeader("content-length", CONTENT.length).end(request.url === "/whole" ? CONTENT : undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.close();
  rmSync(scratch, { recursive: true, force: true });
});

const published = { title: "a network", url: "", sha1: createHash("sha1").update(CONTENT).digest("hex"), bytes: CONTENT.length };
const out = join(scratch, "weights/net.caffemodel");

test("the file arrives whole, says how far it is, and is not fetched again", async () => {
  const told: number[] = [];
  const wanted = { ...published, url: `${url}/whole` };
  expect(await getWeights(wanted, out, nodeFiles, (received, total) => told.push(received, total ?? -1))).toBe(true);
  expect(readFileSync(out).equals(CONTENT)).toBe(true);
  expect(told.slice(-2)).toEqual([CONTENT.length, CONTENT.length]);
  const before = asked;
  expect(await getWeights(wanted, out, nodeFiles, () => undefined)).toBe(false);
  expect(asked).toBe(before);
});

test.for([
  [
    "another SHA-1",
    { sha1: "0".repeat(40) },
    "expected sha1-AAAAAAAAAAAAAAAAAAAAAAAAAAA=: damaged, or another file. a network was not written",
  ],
  ["more than there should be", { bytes: 1000 }, "over the limit of 1000"],
] as const)("%s: nothing is written", async ([name, wrong, message]) => {
  const path = join(scratch, name);
  await expect(getWeights({ ...published, url: `${url}/whole`, ...wrong }, path, nodeFiles, () => undefined)).rejects.toThrow(message);
  expect(existsSync(path)).toBe(false);
});

test("a server's refusal and another file in the place are named", async () => {
  await expect(getWeights({ ...published, url: `${url}/gone` }, join(scratch, "x"), nodeFiles, () => undefined)).rejects.toThrow(
    "the server says 404",
  );
  writeFileSync(join(scratch, "other"), "other");
  await expect(getWeights({ ...published, url: `${url}/whole` }, join(scratch, "other"), nodeFiles, () => undefined)).rejects.toThrow(
    "damaged, or another file. a network was expected: move the file away",
  );
});

test("what is published is named by SHA-1 and lies where BVLC's pages say", () => {
  for (const { url: address, sha1 } of Object.values(PUBLISHED_WEIGHTS)) {
    expect(address).toMatch(/^http:\/\/dl\.caffe\.berkeleyvision\.org\/bvlc_\w+\.caffemodel$/);
    expect(sha1).toMatch(/^[0-9a-f]{40}$/);
  }
});

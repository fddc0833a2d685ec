// The local server of `npx striatum view`: the built page, and of one run or study what the page's rooms ask for. It listens on the loopback interface alone, answers
// requests that name it as their host, and reads no other file.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";

/** What a view gives of its run, by the path below "view/"; null where there is nothing of that name. */
export type ViewSource = (path: readonly string[]) => Promise<Viewed | null>;

/** An answer: JSON, text or bytes. */
export interface Viewed {
  readonly type: "application/json" | "text/html" | "application/octet-stream";
  readonly content: string | Uint8Array;
}

const TYPES: Readonly<Record<string, string>> = {
  html: "text/html; charset=utf-8",
  js: "text/javascript",
  css: "text/css",
  json: "application/json",
  png: "image/png",
  svg: "image/svg+xml",
  wasm: "application/wasm",
};
/** Names under which the loopback interface is asked: a page of another site that has its name point here is refused. */
const HOSTS = ["127.0.0.1", "localhost", "[::1]"];

/** Files of the built page by their paths, with "/" between the parts. */
export async function builtPage(folder: string): Promise<ReadonlyMap<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return new Map(files.map((file) => [file.slice(folder.length).replaceAll("\\", "/").replace(/^\//, ""), file]));
}

export interface ViewServer {
  /** "http://127.0.0.1:PORT/" */
  readonly url: string;
  close(): Promise<void>;
}

/** Listens at a port of 127.0.0.1; 0 is any that is free. */
export async function serveView(page: ReadonlyMap<string, string>, source: ViewSource, port = 0): Promise<ViewServer> {
  const server = createServer((request, response) => {
    answer(page, source, request, response).catch((error: Error) => end(response, 500, "text/plain", error.message));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, close: () => closed(server) };
}

async function closed(server: Server): Promise<void> {
  const ended = new Promise<void>((resolve) => void server.close(() => resolve()));
  server.closeAllConnections();
  await ended;
}

async function answer(
  page: ReadonlyMap<string, string>,
  source: ViewSource,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { method, headers, url = "/" } = request;
  const host = (headers.host ?? "").replace(/:\d+$/, "");
  if (!HOSTS.includes(host)) return end(response, 403, "text/plain", "this server answers requests to 127.0.0.1 and localhost alone");
  // A page of another site may ask, but gets nothing: what it is may be the visitor's own cases.
  if (headers["sec-fetch-site"] !== undefined && !["same-origin", "none"].includes(headers["sec-fetch-site"]))
    return end(response, 403, "text/plain", "this server answers its own page alone");
  if (method !== "GET" && method !== "HEAD") return end(response, 405, "text/plain", "only GET and HEAD are answered");
  const path = url.replace(/[?#].*$/, "").slice(1);
  if (path.startsWith("view/")) {
    const found = await source(path.slice("view/".length).split("/").map(decodeURIComponent));
    return found ? end(response, 200, found.type, found.content) : end(response, 404, "text/plain", "the run has nothing of this name");
  }
  const file = page.get(path === "" ? "index.html" : path);
  if (file === undefined) return end(response, 404, "text/plain", "the page has no such file");
  end(response, 200, TYPES[file.replace(/^.*\./, "")] ?? "application/octet-stream", await readFile(file));
}

function end(response: ServerResponse, status: number, type: string, content: string | Uint8Array): void {
  response.writeHead(status, {
    "content-type": type,
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "cross-origin-resource-policy": "same-origin",
  });
  response.end(content);
}

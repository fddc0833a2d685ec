// Files in memory, served over HTTP: a site as any static host would serve it.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** Contents by path, without the leading slash. */
export type ServedFiles = ReadonlyMap<string, string | Uint8Array>;

const TYPES: Readonly<Record<string, string>> = { html: "text/html", js: "text/javascript", css: "text/css", wasm: "application/wasm" };

/** Answers a request for one of the files; any other request goes to `next`. */
export const send =
  (files: ServedFiles) =>
  ({ url = "/" }: IncomingMessage, response: ServerResponse, next: () => void): void => {
    const path = url.slice(1).replace(/[?#].*$/, "");
    const content = files.get(path);
    if (content === undefined) return next();
    response.setHeader("content-type", TYPES[path.replace(/^.*\./, "")] ?? "application/octet-stream");
    response.end(content);
  };

export class FilesServer {
  readonly url: string;
  readonly #server: Server;

  /** Listens at a free port of this machine. */
  static async open(files: ServedFiles): Promise<FilesServer> {
    const answer = send(files);
    const server = createServer((request, response) =>
      answer(request, response, () => {
        response.statusCode = 404;
        response.end();
      }),
    );
    await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
    return new FilesServer(server);
  }

  private constructor(server: Server) {
    this.#server = server;
    this.url = `http://localhost:${(server.address() as AddressInfo).port}/`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

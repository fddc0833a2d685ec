// The service worker: after the first visit the page opens without a network. It keeps the files of one build, answers with them alone, and gives way to the worker
// of another build once no page of this one is open, or when the visitor asks for it. Requests to other hosts are refused: a policy in a page does not hold its workers.

/** What a service worker's global has beside a page's. */
interface ServiceWorkerGlobal {
  readonly registration: { readonly scope: string };
  readonly clients: { claim(): Promise<void> };
  skipWaiting(): Promise<void>;
  addEventListener(type: "install" | "activate", listener: (event: { waitUntil(work: Promise<unknown>): void }) => void): void;
  addEventListener(
    type: "fetch",
    listener: (event: { readonly request: Request; respondWith(answer: Promise<Response>): void }) => void,
  ): void;
  addEventListener(type: "message", listener: (event: { readonly data: unknown }) => void): void;
}

/** Replaced when the page is built (vite.config.ts): names of the files that are fetched at once, and a digest of all files. */
declare const __BUILD__: { readonly version: string; readonly files: readonly string[] };

const worker = globalThis as unknown as ServiceWorkerGlobal;
const { scope } = worker.registration;
const { version, files } = __BUILD__;
const PREFIX = `striatum ${scope} `;
const NAME = PREFIX + version;
const PAGE = new URL("index.html", scope).href;
const HOST = new URL("/", scope).href;

worker.addEventListener("install", (event) => {
  event.waitUntil(caches.open(NAME).then((cache) => cache.addAll(files.map((file) => new URL(file, scope).href))));
});

worker.addEventListener("activate", (event) => {
  event.waitUntil(
    (async () => {
      const names = await caches.keys();
      await Promise.all(names.filter((name) => name.startsWith(PREFIX) && name !== NAME).map((name) => caches.delete(name)));
      await worker.clients.claim();
    })(),
  );
});

worker.addEventListener("message", ({ data }) => {
  if (data === "use now") void worker.skipWaiting();
});

worker.addEventListener("fetch", (event) => {
  const { request } = event;
  if (!request.url.startsWith(HOST)) event.respondWith(Promise.resolve(Response.error()));
  else if (request.method === "GET" && request.url.startsWith(scope)) event.respondWith(answer(request));
});

/** A file of this build; one that was not fetched at once is kept when it is first wanted. */
async function answer(request: Request): Promise<Response> {
  const cache = await caches.open(NAME);
  const url = request.url.replace(/[?#].*$/, "");
  const wanted = request.mode === "navigate" && (url === scope || url === PAGE) ? PAGE : url;
  const kept = await cache.match(wanted);
  if (kept) return kept;
  const response = await fetch(request);
  // What a server does not want kept is no file of the page: `npx striatum view` answers with a visitor's run.
  const isKept = response.ok && response.type === "basic" && !response.headers.get("cache-control")?.includes("no-store");
  if (isKept) await cache.put(wanted, response.clone());
  return response;
}

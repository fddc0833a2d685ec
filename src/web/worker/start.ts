// Starts workers of this page under this page's Content-Security-Policy. A worker has the policy that its own file is served with, and a static host serves none; a
// worker that is started from a blob has that of the page that made the blob.

/** Starts a module worker. `url`: its file, as `?worker&url` gives it. */
export function startWorker(url: string, name: string): Worker {
  const code = `import ${JSON.stringify(new URL(url, import.meta.url).href)};`;
  const blob = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
  const worker = new Worker(blob, { type: "module", name });
  worker.addEventListener("message", () => URL.revokeObjectURL(blob), { once: true });
  return worker;
}

// The page without a network: a service worker that keeps its files, whether there is a network now, and newer builds.
import { signal } from "@preact/signals-core";

/** Whether the browser says that there is no network. */
export const offline = signal(!navigator.onLine);
/** A newer build that is fetched and waits; null while there is none. Call it to use it: the page reloads. */
export const newer = signal<(() => void) | null>(null);

addEventListener("online", () => (offline.value = false));
addEventListener("offline", () => (offline.value = true));

/** Registers the service worker of a built page; the development server has none. Where it cannot be, as over http or in a private window, the page works on, with a network alone. */
export async function keepFiles(): Promise<void> {
  if (import.meta.env.MODE === "development" || !("serviceWorker" in navigator)) return;
  const { serviceWorker } = navigator;
  const registration = await serviceWorker.register(new URL("service-worker.js", document.baseURI)).catch(() => null);
  if (!registration) return;
  const waits = (): void => {
    const { waiting } = registration;
    // Without a controller it is the first one, and waits for nobody.
    if (!waiting || !serviceWorker.controller) return;
    newer.value = () => {
      serviceWorker.addEventListener("controllerchange", () => location.reload());
      waiting.postMessage("use now");
    };
  };
  waits();
  registration.addEventListener("updatefound", () => registration.installing?.addEventListener("statechange", waits));
}

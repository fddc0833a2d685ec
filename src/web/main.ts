// The page, bare for now: says which adapter answers, and trains both small networks on it for a few steps.
import { openEngine } from "../engine/engine.ts";
import { networks } from "../models/index.ts";
import { openPlatform } from "../platform/browser.ts";
import { quickSteps, type QuickSteps } from "./quick-steps.ts";

const STEPS = 3;

declare global {
  interface Window {
    /** What the page did, for a test to read; an error's text if it could not. */
    striatum?: { readonly adapter: string; readonly steps: Readonly<Record<string, QuickSteps>> } | { readonly error: string };
  }
}

const show = (id: string, text: string): void => {
  const element = document.getElementById(id);
  if (element) element.textContent = text;
};

async function main(): Promise<void> {
  const engine = await openEngine(await openPlatform());
  show("adapter", engine.adapterName);
  const steps: Record<string, QuickSteps> = {};
  for (const [name, { title }] of Object.entries(networks)) {
    steps[name] = await quickSteps(engine, name, STEPS);
    const lines = Object.keys(steps).map(
      (known) => `${networks[known].title}: ${steps[known].losses.map((loss) => loss.toFixed(4)).join("  ")}`,
    );
    show("losses", `loss of ${STEPS} training steps, width 1/8, 64 pixels\n${lines.join("\n")}\n${title} done`);
  }
  window.striatum = { adapter: engine.adapterName, steps };
}

main().catch((error: unknown) => {
  const text = error instanceof Error ? error.message : String(error);
  show("adapter", text);
  window.striatum = { error: text };
});

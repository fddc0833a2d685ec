// The web page: names the adapter, trains both small networks on it for a few steps, and profiles one step on request.
import { openEngine } from "../engine/engine.ts";
import { alexnet, openDevice, profile } from "../index.ts";
import { networks } from "../models/index.ts";
import { openPlatform } from "../platform/browser.ts";
import { quickSteps, type QuickSteps } from "./quick-steps.ts";

const STEPS = 3;

declare global {
  interface Window {
    /** The page's results for the browser test, or the text of an error. */
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

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Times every launch of a small AlexNet's training step and shows them as entries in the performance panel. */
async function profileStep(): Promise<string> {
  await using device = await openDevice({ timestamps: true });
  const report = await profile(device, alexnet({ classes: 3, width: 1 / 8, size: 67 }), { batch: 2, phase: "train", repeats: 3 });
  return `${report.showInPanel()} launches\n${report.table({ by: "layer", top: 10 })}`;
}

const button = document.querySelector<HTMLButtonElement>("#profile");
button?.addEventListener("click", () => {
  button.disabled = true;
  show("profiled", "");
  void profileStep()
    .catch(textOf)
    .then((text) => show("profiled", text))
    .finally(() => (button.disabled = false));
});

main()
  .catch((error: unknown) => {
    show("adapter", textOf(error));
    window.striatum = { error: textOf(error) };
  })
  .finally(() => button && (button.disabled = false));

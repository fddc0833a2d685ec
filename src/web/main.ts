// The page: shell and rooms. The engine is in a worker; this thread draws text, keeps the address and listens.
import { effect } from "@preact/signals-core";
import { render } from "lit-html";
import { Page } from "./shell/page.ts";
import { keepFiles } from "./shell/offline.ts";
import { Shell } from "./shell/shell.ts";

const root = document.querySelector("#page") as HTMLElement;
const page = new Page();
const shell = new Shell(page);
root.replaceChildren();
effect(() => void render(shell.view(), root));
page.start();
// After what the visitor waits for.
const stop = effect(() => {
  if (!page.network.value && !page.noDevice.value && !page.problem.value) return;
  void keepFiles();
  queueMicrotask(() => stop());
});

// Learn: a small network learns in the tab, can be stepped, rewound and broken, and every change stays beside what was before.
import { effect } from "@preact/signals-core";
import { html } from "lit-html";
import type { OpenRoom, Page } from "../../shell/page.ts";
import { shownTheme } from "../../shell/theme.ts";
import { drawLoss, drawRidge } from "./charts.ts";
import type { OwnFile } from "./data.ts";
import { chosenFiles, droppedEntries, filesOf, type Placed } from "../study/dropped.ts";
import { learningOf, type Learning } from "./session.ts";
import { inspector, stage, type Actions, type Canvases } from "./stage.ts";
import { TEXT } from "./text.ts";
import { followViewed, isViewed } from "./viewed.ts";

const PICTURE = /\.(png|jpe?g)$/i;

/** Pictures by the folder that each lies in. */
const picturesOf = (placed: readonly Placed[]): OwnFile[] =>
  placed.flatMap(({ path, file }) => (PICTURE.test(path) ? [{ folder: path.split("/").at(-2) ?? "", file }] : []));

export function open(page: Page): OpenRoom {
  const learning = learningOf(page);
  const loss = document.createElement("canvas");
  loss.className = "learn-line";
  loss.setAttribute("role", "img");
  loss.setAttribute("aria-label", TEXT.lossOf);
  const ridge = document.createElement("canvas");
  ridge.className = "learn-ridge";
  ridge.setAttribute("role", "img");
  ridge.setAttribute("aria-label", TEXT.ridge);
  const canvases: Canvases = { loss, ridge, batch: pictureCanvases() };

  let frame = 0;
  const draw = (): void => {
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(() => {
      drawLoss(loss, learning.runs.all.peek(), {
        open: learning.runs.open.peek(),
        step: learning.step.peek(),
        classes: learning.opened.peek()?.labels.length ?? null,
      });
      drawRidge(ridge, learning.runs.open.peek()?.measures ?? []);
    });
  };
  const fit = new ResizeObserver((entries) => {
    for (const { target, contentRect } of entries) if (target !== loss) learning.fit(contentRect.width);
    draw();
  });
  fit.observe(loss);
  fit.observe(learning.filters.element);
  const stops = [
    effect(() => {
      if (!isViewed(page)) learning.follow();
    }),
    effect(() => {
      void learning.runs.changes.value;
      void learning.runs.all.value;
      void learning.step.value;
      void learning.opened.value;
      void shownTheme.value;
      draw();
    }),
    effect(() => {
      void learning.filterColumns.value;
      learning.drawFilters();
    }),
    effect(() => {
      const pictures = learning.batch.value;
      const elements = canvases.batch(pictures.length);
      pictures.forEach(({ pixels, side }, i) => drawPicture(elements[i], pixels, side));
    }),
  ];

  const viewed = followViewed(page);
  const actions: Actions = {
    chooseFolder(files) {
      if (files && files.length > 0) void learning.takeOwn(picturesOf(chosenFiles(files)));
    },
    saveFile() {
      const name = nameOf(learning);
      void learning.save(name).then((blob) => {
        if (!blob) return;
        const link = document.createElement("a");
        link.href = URL.createObjectURL(blob);
        link.download = `${name.replaceAll(" ", "-")}.safetensors`;
        link.click();
        URL.revokeObjectURL(link.href);
      });
    },
    openInLook() {
      const name = nameOf(learning);
      const net = learning.runs.open.value?.settings.net ?? "";
      void learning.save(name).then((blob) => blob && page.go({ room: "look", path: "", keys: { net, w: name } }));
    },
  };

  return {
    stage: () => (isViewed(page) ? viewed.stage() : stage(learning, canvases, actions)),
    inspector: () => (isViewed(page) ? html`` : inspector(learning, actions)),
    bindings: [
      { key: "p", does: TEXT.keys.play, run: () => learning.toggle() },
      { key: ".", does: TEXT.keys.step, run: () => void learning.take(1) },
      { key: "e", does: TEXT.keys.epoch, run: () => void learning.epoch() },
      { key: "r", does: TEXT.keys.start, run: () => void learning.goTo(0) },
      { key: ",", does: TEXT.keys.back, run: () => void learning.goTo(Math.max(0, learning.step.value - 1)) },
    ],
    drop(transfer) {
      const entries = droppedEntries(transfer);
      if (!entries.some(({ isDirectory }) => isDirectory)) return false;
      void page.attempt(async () => learning.takeOwn(picturesOf(await filesOf(entries))));
      return true;
    },
    close() {
      for (const stop of stops) stop();
      viewed.close();
      cancelAnimationFrame(frame);
      fit.disconnect();
      learning.pause();
    },
  };
}

/** "learnt alexnet step 240": what its weights are called elsewhere on the page. */
function nameOf({ runs, step }: Learning): string {
  const run = runs.open.value;
  return `learnt ${run?.settings.net ?? ""} run ${run?.number ?? 0} step ${step.value}`;
}

/** As many canvases as are wanted, the same ones each time. */
function pictureCanvases(): (count: number) => readonly HTMLCanvasElement[] {
  const made: HTMLCanvasElement[] = [];
  return (count) => {
    while (made.length < count) {
      const canvas = document.createElement("canvas");
      canvas.className = "picture";
      canvas.setAttribute("aria-hidden", "true");
      made.push(canvas);
    }
    return made.slice(0, count);
  };
}

function drawPicture(canvas: HTMLCanvasElement, pixels: Uint8Array, side: number): void {
  canvas.width = canvas.height = side;
  const rgba = new Uint8ClampedArray(side * side * 4).fill(255);
  for (let i = 0; i < side * side; i++) for (let c = 0; c < 3; c++) rgba[4 * i + c] = pixels[3 * i + c];
  canvas.getContext("2d")?.putImageData(new ImageData(rgba, side, side), 0, 0);
}

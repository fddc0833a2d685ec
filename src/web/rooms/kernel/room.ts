// Kernel: one launch as it is linked, beside other kernels and its definition; which workgroup makes what; its speed on this adapter; and a copy to edit.
import type { OpenRoom, Page } from "../../shell/page.ts";
import { KernelRoom } from "./state.ts";
import { TEXT } from "./text.ts";
import { inspectorView, stageView } from "./views.ts";

export function open(page: Page): OpenRoom {
  const room = new KernelRoom(page);
  const { owners, editor } = room;
  return {
    stage: () => stageView(room),
    inspector: () => inspectorView(room),
    bindings: [
      { key: "[", does: TEXT.keysOf.previous, run: () => room.openNext(-1) },
      { key: "]", does: TEXT.keysOf.next, run: () => room.openNext(1) },
      { key: "f", does: TEXT.keysOf.family, run: () => room.openNextFamily() },
      { key: "b", does: TEXT.keysOf.beside, run: () => room.openNextBeside() },
      { key: "v", does: TEXT.keysOf.run, run: () => void room.run() },
      {
        key: "o",
        does: TEXT.keysOf.owners,
        run: () => {
          if (!owners.owners.value) void room.askOwners();
          else if (owners.playing.value) owners.pause();
          else owners.play();
        },
      },
      { key: ",", does: TEXT.keysOf.back, run: () => owners.step(-1) },
      { key: ".", does: TEXT.keysOf.forward, run: () => owners.step(1) },
      { key: "e", does: TEXT.keysOf.edit, run: () => editor.focus() },
    ],
    close: () => room.close(),
  };
}

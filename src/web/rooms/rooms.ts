// The rooms of the page, each loaded when it is entered.
import { KEYS as LEARN_KEYS } from "./learn/settings.ts";
import type { RoomModule } from "../shell/page.ts";

/** A room as the shell lists it. */
export interface RoomEntry {
  readonly title: string;
  /** What a visitor does there, for the list of rooms. */
  readonly does: string;
  /** Keys of the address that it knows beside the shared ones. */
  readonly keys: readonly string[];
  readonly load: () => Promise<RoomModule>;
}

/** By name in the address, in the order of the bar. */
export const ROOMS: Readonly<Record<string, RoomEntry>> = {
  start: { title: "Start", does: "A picture, its likeliest classes, a map of each block", keys: [], load: () => import("./start/room.ts") },
  look: {
    title: "Look",
    does: "A layer's maps, gradients and filters, and the arithmetic of each number",
    keys: ["c", "at", "tab", "scale", "of", "off", "vs"],
    load: () => import("./look/room.ts"),
  },
  plan: {
    title: "Plan",
    does: "The launches of a pass in order, its memory, and what each pass of the graph saves",
    keys: ["without", "kernels"],
    load: () => import("./plan/room.ts"),
  },
  kernel: {
    title: "Kernel",
    does: "A launch as WGSL: what makes what, how fast, and a copy to edit",
    keys: ["step", "family", "against"],
    load: () => import("./kernel/room.ts"),
  },
  learn: {
    title: "Learn",
    does: "A small network learns in this tab, step by step, and can be broken on purpose",
    keys: LEARN_KEYS,
    load: () => import("./learn/room.ts"),
  },
  weight: {
    title: "Weight",
    does: "One weight of what learns: its life, its gradient as a sum, its next update",
    keys: LEARN_KEYS,
    load: () => import("./weight/room.ts"),
  },
};

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

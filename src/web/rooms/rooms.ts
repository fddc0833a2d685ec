// The rooms of the page, each loaded when it is entered.
import casesStyle from "./cases/style.css?url";
import kernelStyle from "./kernel/style.css?url";
import learnStyle from "./learn/style.css?url";
import lookStyle from "./look/style.css?url";
import planStyle from "./plan/style.css?url";
import studyStyle from "./study/style.css?url";
import weightStyle from "./weight/style.css?url";
import textbookStyle from "./textbook/style.css?url";
import { KEYS as LEARN_KEYS } from "./learn/keys.ts";
import { KEYS as TEXTBOOK_KEYS } from "./textbook/keys.ts";
import type { RoomModule } from "../shell/page.ts";

/** A room as the shell lists it. */
export interface RoomEntry {
  readonly title: string;
  /** What a visitor does there, for the list of rooms. */
  readonly does: string;
  /** Keys of the address that it knows beside the shared ones. */
  readonly keys: readonly string[];
  /** Addresses of its own style sheets; none by default. */
  readonly styles?: readonly string[];
  /** Whether it shows nothing of the network and the picture that the bar chooses, which are left out beside it. */
  readonly isApart?: boolean;
  readonly load: () => Promise<RoomModule>;
}

/** By name in the address, in the order of the bar. */
export const ROOMS: Readonly<Record<string, RoomEntry>> = {
  start: { title: "Start", does: "A picture, its likeliest classes, a map of each block", keys: [], load: () => import("./start/room.ts") },
  look: {
    title: "Look",
    does: "A layer's maps, gradients and filters, and the arithmetic of each number",
    keys: ["c", "at", "tab", "scale", "of", "off", "vs"],
    styles: [lookStyle],
    load: () => import("./look/room.ts"),
  },
  plan: {
    title: "Plan",
    does: "The launches of a pass in order, its memory, and what each pass of the graph saves",
    keys: ["without", "kernels"],
    styles: [planStyle],
    load: () => import("./plan/room.ts"),
  },
  kernel: {
    title: "Kernel",
    does: "A launch as WGSL: what makes what, how fast, and a copy to edit",
    keys: ["step", "family", "against"],
    styles: [kernelStyle],
    load: () => import("./kernel/room.ts"),
  },
  learn: {
    title: "Learn",
    does: "A small network learns in this tab, step by step, and can be broken on purpose",
    keys: [...LEARN_KEYS, "of"],
    styles: [learnStyle, casesStyle],
    isApart: true,
    load: () => import("./learn/room.ts"),
  },
  weight: {
    title: "Weight",
    does: "One weight of what learns: its life, its gradient as a sum, its next update",
    keys: LEARN_KEYS,
    styles: [learnStyle, weightStyle],
    isApart: true,
    load: () => import("./weight/room.ts"),
  },
  cases: {
    title: "Cases",
    does: "What was scored: confusion matrix, ROC curve, surest and worst cases",
    keys: ["of", "sort", "model", "second", "positive"],
    styles: [casesStyle],
    load: () => import("./cases/room.ts"),
  },
  study: {
    title: "Study",
    does: "Eight models on your own folder or on synthetic heads, from the check to the report",
    keys: ["patients", "steps", "seeds", "models"],
    styles: [studyStyle],
    isApart: true,
    load: () => import("./study/room.ts"),
  },
  textbook: {
    title: "Textbook",
    does: "Twelve short pages, from a convolution to an interval, whose numbers are read from the network",
    keys: TEXTBOOK_KEYS,
    styles: [textbookStyle],
    load: () => import("./textbook/room.ts"),
  },
};

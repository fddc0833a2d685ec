// What Look's page asks of its worker part.
import type { Target } from "striatum";
import type { Channel } from "striatum/inspect";
import type { Choice } from "../../worker/lab.ts";
import type { Scale, Tab, Versus } from "./view.ts";

/** What is looked at: the network, the picture, and how. */
export interface Subject {
  readonly choice: Choice;
  readonly picture: string;
  readonly layer: string;
  readonly channel: number;
  readonly tab: Tab;
  /** What gradients are of; null for the likeliest class. */
  readonly of: Target | null;
  readonly off: readonly Channel[];
  readonly versus: Versus | null;
}

/** How it is drawn. */
export interface Canvases {
  /** Numbers of the panels. */
  readonly all: number;
  readonly large: number;
  readonly other: number;
  readonly scale: Scale;
  /** Maps in a row, and pixels between them. */
  readonly columns: number;
  readonly gap: number;
}

/** Position of an element; of filters, the input is the channel. */
export interface At {
  readonly channel: number;
  readonly row: number;
  readonly column: number;
}

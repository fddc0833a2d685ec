// Messages between the page and the worker that holds the engine. A call names a room and a method of it; the worker answers each call once. What happens in the
// worker without a call is an event.

/** A call of the page. */
export interface Call {
  readonly id: number;
  /** Room whose worker part has the method; "lab" for what all rooms use. */
  readonly room: string;
  readonly method: string;
  readonly args: readonly unknown[];
}

/** The answer to a call. */
export type Answer =
  | { readonly id: number; readonly result: unknown }
  /** `kind` is the error's class: a TypeError is a wrong argument. */
  | { readonly id: number; readonly error: { readonly kind: string; readonly message: string } };

/** Kind of the error of a look that another one replaced before it was done. */
export const REPLACED = "Replaced";

/** What the worker says by itself. */
export type Event =
  /** It listens: what is posted before that is lost. */
  | { readonly event: "ready" }
  /** Work that takes time: what, and how far where that is known. An empty text ends it. */
  | { readonly event: "busy"; readonly text: string; readonly done?: number; readonly of?: number }
  /** The device was lost; `again` says whether the worker opens another. */
  | { readonly event: "lost"; readonly message: string; readonly again: boolean }
  /** Another device was opened, and networks loaded again. What was drawn and looked at before is gone. */
  | { readonly event: "reopened" }
  /** What was shown when a device was lost was computed by another one, and whether it says the same, bit by bit. */
  | { readonly event: "again"; readonly equal: boolean };

export type FromWorker = Answer | Event;

/** Methods of a room's worker part, as the page calls them: without the lab, and later. */
export type Remote<Methods> = {
  readonly [Name in keyof Methods]: Methods[Name] extends (lab: never, ...args: infer Args) => infer Result
    ? (...args: Args) => Promise<Awaited<Result>>
    : never;
};

// What the worker finds for a page: numbers of its text, and data of its figures.

/** A number of the text, or a word. */
export type Shown = number | string;

/** A map of a figure. */
export interface MapFound {
  /** For the caption. */
  readonly title: string;
  /** Value that is drawn: "activation:conv1", "parameter:conv1/weight". Empty where `values` have no value of the network. */
  readonly id: string;
  readonly channel: number | "strongest";
  /** "groups": each number has a colour of its own. */
  readonly palette: "signed" | "unsigned" | "filters" | "groups";
  readonly rows: number;
  readonly columns: number;
  /** Features are laid out in so many columns; 0 for a map with rows and columns of its own. */
  readonly folded: number;
  /** The values, row by row, where the worker does not draw them itself: one for each cell, three (blue, green, red) in a filter of colours. */
  readonly values: Float32Array | null;
  /** What has the full colour, where the page draws it; null for the largest value. */
  readonly most: number | null;
  /** What of it is framed, and the cell that is pointed at. It may reach beyond the map. */
  readonly frame: { readonly row: number; readonly column: number; readonly rows: number; readonly columns: number } | null;
  readonly cell: { readonly row: number; readonly column: number } | null;
  /** Whether the reader points at its cells. */
  readonly isPointed: boolean;
}

export interface TableFound {
  readonly caption: string;
  readonly head: readonly string[];
  readonly rows: readonly { readonly cells: readonly Shown[]; readonly isMarked?: boolean }[];
}

export interface BarsFound {
  readonly title: string;
  readonly bars: readonly { readonly label: string; readonly value: number; readonly text: string }[];
}

export interface LinesFound {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly x: readonly [least: number, most: number];
  readonly y: readonly [least: number, most: number];
  readonly lines: readonly {
    readonly name: string;
    readonly kind: "main" | "second" | "ground";
    readonly points: readonly (readonly [number, number])[];
  }[];
}

/** A row of pixels with the windows that lie on it. */
export interface WindowsFound {
  readonly title: string;
  readonly extent: number;
  readonly size: number;
  readonly stride: number;
  readonly pad: number;
  readonly count: number;
}

/** Something that the reader can change. Its value is in the address, under `key`. */
export type ControlFound = {
  /** Keys that are taken away when it changes. */
  readonly clears: readonly string[];
} & (
  | {
      readonly kind: "number";
      readonly key: string;
      readonly label: string;
      readonly value: number;
      readonly least: number;
      readonly most: number;
      readonly step: number;
    }
  | {
      readonly kind: "choice";
      readonly key: string;
      readonly label: string;
      readonly value: string;
      readonly options: readonly { readonly value: string; readonly text: string }[];
    }
);

export interface Found {
  readonly page: string;
  /** Whether the network's values are the device's, or the definitions' in float64. */
  readonly how: "gpu" | "float64";
  readonly numbers: Readonly<Record<string, Shown>>;
  readonly controls: readonly ControlFound[];
  readonly maps: readonly MapFound[];
  readonly tables: Readonly<Record<string, TableFound>>;
  readonly bars: Readonly<Record<string, BarsFound>>;
  readonly lines: Readonly<Record<string, LinesFound>>;
  readonly windows: WindowsFound | null;
}

/** What a page finds, without what every page has. */
export type PageFound = Partial<Omit<Found, "page" | "how" | "numbers">> & Pick<Found, "numbers">;

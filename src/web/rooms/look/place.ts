// Computed sizes and places, as custom properties of an element: the page's policy allows no inline styles.
import { ref } from "lit-html/directives/ref.js";
import type { DirectiveResult } from "lit-html/directive.js";

/** Sets custom properties of the element that it stands in, by their names without "--". */
export const place = (properties: Readonly<Record<string, string | number>>): DirectiveResult =>
  ref((element: Element | undefined) => {
    if (!(element instanceof HTMLElement) && !(element instanceof SVGElement)) return;
    for (const [name, value] of Object.entries(properties)) element.style.setProperty(`--${name}`, String(value));
  });

/** A rectangle in shares of a whole, for rules that place it. */
export const rectangle = (
  of: { readonly row: number; readonly column: number; readonly rows: number; readonly columns: number },
  whole: { readonly rows: number; readonly columns: number },
): DirectiveResult =>
  place({
    x: `${(100 * of.column) / whole.columns}%`,
    y: `${(100 * of.row) / whole.rows}%`,
    w: `${(100 * of.columns) / whole.columns}%`,
    h: `${(100 * of.rows) / whole.rows}%`,
  });

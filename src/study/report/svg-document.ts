// The least document that Observable Plot draws SVG into, so that a chart is the same text in Node and in a page, with no DOM library. It knows
// what Plot and d3-selection call, and nothing more; a node is written out as text and never rendered here.
import { escaped } from "./html.ts";

export type PlotLibrary = typeof import("@observablehq/plot");
type PlotOptions = Parameters<PlotLibrary["plot"]>[0];

const SVG = "http://www.w3.org/2000/svg";

/** Set by name ("font-size"), or, as Plot does it, by property ("fontSize"). */
class Style {
  readonly #values = new Map<string, string>();

  setProperty(name: string, value: string): void {
    this.#values.set(name, value);
  }

  removeProperty(name: string): void {
    this.#values.delete(name);
  }

  toString(): string {
    const byProperty = Object.entries(this).map(
      ([name, value]) => [name.replace(/[A-Z]/g, (upper) => `-${upper.toLowerCase()}`), value] as const,
    );
    return [...this.#values, ...byProperty].map(([name, value]) => `${name}:${value}`).join(";");
  }
}

class SvgNode {
  readonly ownerDocument: SvgDocument;
  readonly namespaceURI = SVG;
  /** Empty: a text node. */
  readonly tagName: string;
  readonly attributes = new Map<string, string>();
  readonly style = new Style();
  childNodes: SvgNode[] = [];
  parentNode: SvgNode | null = null;
  #text = "";

  constructor(ownerDocument: SvgDocument, tagName: string, text = "") {
    this.ownerDocument = ownerDocument;
    this.tagName = tagName;
    this.#text = text;
  }

  setAttribute(name: string, value: unknown): void {
    this.attributes.set(name, String(value));
  }

  setAttributeNS(_: string, name: string, value: unknown): void {
    this.setAttribute(name, value);
  }

  getAttribute(name: string): string | null {
    return this.attributes.get(name) ?? null;
  }

  removeAttribute(name: string): void {
    this.attributes.delete(name);
  }

  appendChild(child: SvgNode): SvgNode {
    return this.insertBefore(child, null);
  }

  insertBefore(child: SvgNode, next: SvgNode | null): SvgNode {
    if (child.parentNode) child.parentNode.childNodes = child.parentNode.childNodes.filter((node) => node !== child);
    this.childNodes.splice(next ? this.childNodes.indexOf(next) : this.childNodes.length, 0, child);
    child.parentNode = this;
    return child;
  }

  set textContent(text: unknown) {
    this.childNodes = [new SvgNode(this.ownerDocument, "", String(text))];
  }

  /** Nothing is looked up by selector: Plot asks only whether a chart's own parts are already there. */
  querySelector(): null {
    return null;
  }

  toString(): string {
    if (this.tagName === "") return this.parentNode?.tagName === "style" ? this.#text : escaped(this.#text);
    const style = String(this.style);
    const attributes = [...this.attributes, ...(style ? [["style", style]] : [])]
      .map(([name, value]) => ` ${name}="${escaped(value)}"`)
      .join("");
    return `<${this.tagName}${attributes}>${this.childNodes.join("")}</${this.tagName}>`;
  }
}

class SvgDocument {
  readonly documentElement: SvgNode = new SvgNode(this, "svg");

  createElementNS(_: string, name: string): SvgNode {
    return new SvgNode(this, name);
  }

  /** Only of HTML, which a legend, a title or a caption would be. */
  createElement(name: string): never {
    throw new Error(
      `svgText: expected a chart without legend, title or caption, which would be <${name}> around a picture: draw them as marks`,
    );
  }

  createTextNode(text: string): SvgNode {
    return new SvgNode(this, "", text);
  }
}

/**
 * A chart as the text of one `<svg>`. `label` is the sentence that a reader who cannot see it hears; Plot's own labels of groups go, which
 * assistive technology must not be given on elements without a role. Throws for options that make Plot return more than a picture.
 */
export function svgText(plot: PlotLibrary, options: PlotOptions, label: string): string {
  const document = new SvgDocument();
  const root = plot.plot({ ...options, document: document as never }) as unknown as SvgNode;
  const strip = (node: SvgNode): void => {
    for (const name of ["aria-label", "aria-description", "aria-hidden"]) node.removeAttribute(name);
    node.childNodes.forEach(strip);
  };
  strip(root);
  root.setAttribute("xmlns", SVG);
  root.setAttribute("role", "img");
  root.setAttribute("aria-label", label);
  return root.toString();
}

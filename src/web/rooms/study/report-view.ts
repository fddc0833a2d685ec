// The report inside the page. A document of its own would be under the page's policy, which refuses its styles: its body is put into a shadow root, with its
// styles as sheets of that root.

/** An element that shows a report: the text of report.html. */
export function reportView(html: string): HTMLElement {
  const report = new DOMParser().parseFromString(unstyled(html), "text/html");
  const host = document.createElement("div");
  host.className = "study-report";
  const root = host.attachShadow({ mode: "open" });
  root.adoptedStyleSheets = [...report.querySelectorAll(`script[type="text/css"]`)].map((style) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(hosted(style.textContent ?? ""));
    style.remove();
    return sheet;
  });
  const body = document.createElement("div");
  body.className = "body";
  body.append(...report.body.childNodes);
  root.append(body);
  // A style is refused as an attribute, not as a property.
  for (const element of body.querySelectorAll<HTMLElement>("[data-style]")) element.style.cssText = element.dataset["style"] ?? "";
  // An address with a fragment is one of the page's rooms.
  body.addEventListener("click", (event) => {
    const link = (event.target as Element).closest("a[href^='#']");
    if (!link) return;
    event.preventDefault();
    root.getElementById((link.getAttribute("href") as string).slice(1))?.scrollIntoView();
  });
  return host;
}

/** The same with its styles under other names: the policy also reads a document that is parsed and never shown, and the browser would report each style. */
const unstyled = (html: string): string =>
  html
    .replaceAll(/<style\b/g, '<script type="text/css"')
    .replaceAll("</style>", "</script>")
    .replaceAll(/(<[a-z][^<>]*) style="/gi, '$1 data-style="');

/** Rules of a document as rules of a shadow root. */
const hosted = (css: string): string =>
  css.replaceAll(/(^|[\s,}{])(?::root|html)(?=[\s,{[:.])/g, "$1:host").replaceAll(/(^|[\s,}>])body(?=[\s,{>:.])/g, "$1.body");

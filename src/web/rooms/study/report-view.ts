// The report inside the page. A document of its own would be under the page's policy, which refuses its styles: its body is put into a shadow root, with its
// styles as sheets of that root.

/** An element that shows a report: the text of report.html. */
export function reportView(html: string): HTMLElement {
  const report = new DOMParser().parseFromString(html, "text/html");
  const host = document.createElement("div");
  host.className = "study-report";
  const root = host.attachShadow({ mode: "open" });
  root.adoptedStyleSheets = [...report.querySelectorAll("style")].map((style) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(hosted(style.textContent ?? ""));
    style.remove();
    return sheet;
  });
  // A style attribute is refused when it is set as an attribute, not as a property.
  const styled = [...report.body.querySelectorAll<HTMLElement>("[style]")].map((element) => {
    const text = element.getAttribute("style") ?? "";
    element.removeAttribute("style");
    return { element, text };
  });
  const body = document.createElement("div");
  body.className = "body";
  body.append(...report.body.childNodes);
  root.append(body);
  for (const { element, text } of styled) element.style.cssText = text;
  // An address with a fragment is one of the page's rooms.
  body.addEventListener("click", (event) => {
    const link = (event.target as Element).closest("a[href^='#']");
    if (!link) return;
    event.preventDefault();
    root.getElementById((link.getAttribute("href") as string).slice(1))?.scrollIntoView();
  });
  return host;
}

/** Rules of a document as rules of a shadow root. */
const hosted = (css: string): string =>
  css.replaceAll(/(^|[\s,}{])(?::root|html)(?=[\s,{[:.])/g, "$1:host").replaceAll(/(^|[\s,}>])body(?=[\s,{>:.])/g, "$1.body");

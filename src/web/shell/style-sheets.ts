// Style sheets of rooms, each loaded once, when it is first wanted.
import { TEXT } from "../text.ts";

const sheets = new Map<string, Promise<void>>();

/** Resolves once a sheet's rules apply. Rejects where it cannot be fetched; the next call tries again. */
export function loadStyle(href: string): Promise<void> {
  const known = sheets.get(href);
  if (known) return known;
  const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href });
  const loaded = new Promise<void>((resolve, reject) => {
    link.addEventListener("load", () => resolve());
    link.addEventListener("error", () => {
      sheets.delete(href);
      link.remove();
      reject(new Error(TEXT.noStyle));
    });
  });
  sheets.set(href, loaded);
  document.head.append(link);
  return loaded;
}

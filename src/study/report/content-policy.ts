// The report's Content-Security-Policy: nothing is fetched, nothing runs, and of styles only those that the page was written with apply, by their
// hashes. A text that got into the page as markup could then neither run nor load anything.
import { sha256 } from "../../tensor/sha256.ts";

/** The policy of a page, for its `<meta http-equiv="Content-Security-Policy">`. */
export function contentPolicy(page: string): string {
  const elements = [...page.matchAll(/<style>([^<]*)<\/style>/g)].map(([, text]) => text);
  const attributes = [...page.matchAll(/\sstyle="([^"]*)"/g)].map(([, text]) => unescaped(text));
  const hashes = [...new Set([...elements, ...attributes])].map((text) => `'sha256-${btoa(String.fromCharCode(...sha256(text)))}'`);
  // Hashes of attributes count where 'unsafe-hashes' allows it; nothing but the hashed texts applies.
  const styles = ["'unsafe-hashes'", ...hashes].join(" ");
  return `default-src 'none'; style-src ${styles}; img-src data:; base-uri 'none'; form-action 'none'`;
}

/** What html.ts has escaped. */
const unescaped = (text: string): string =>
  text.replaceAll("&quot;", '"').replaceAll("&gt;", ">").replaceAll("&lt;", "<").replaceAll("&amp;", "&");

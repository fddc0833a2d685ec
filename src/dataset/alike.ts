// Names that a person takes for one: equal but for upper and lower case, quotes, spaces and the Unicode form of a letter.

/** The same for all spellings of a name. */
export const folded = (name: string): string =>
  name
    .normalize("NFKC")
    .replace(/[\u200b-\u200f\u2060\ufeff]/g, "")
    .replace(/^["'`\u00b4\u2018-\u201f\u00ab\u00bb]+|["'`\u00b4\u2018-\u201f\u00ab\u00bb]+$/g, "")
    .trim()
    .replace(/\s+/g, " ")
    .toLowerCase();

/** The same for all spellings of a file's name, its ending left out. */
export const foldedFile = (name: string): string =>
  folded(name)
    .replace(/\/$/, "")
    .replace(/\.[a-z0-9]{1,5}$/, "");

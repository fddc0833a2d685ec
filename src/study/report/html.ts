// HTML as text: a template that escapes whatever is put into it, and the tables and figures that all parts of the report share.

/** Text that is HTML already. */
export interface Html {
  readonly html: string;
}

/** What a template takes: text and numbers are escaped, HTML goes in as it is, a list is joined, null is nothing. */
export type Content = string | number | Html | null | readonly Content[];

export const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

/** HTML that needs no escaping: a chart. */
export const raw = (text: string): Html => ({ html: text });

/** Throws for a number that is not finite: a report prints a reason, never a NaN. */
function textOf(content: Content): string {
  if (content === null) return "";
  if (typeof content === "string") return escaped(content);
  if (typeof content === "number") {
    if (!Number.isFinite(content)) throw new Error(`report: ${content} cannot be printed; give the reason why it is not known`);
    return String(content);
  }
  return "html" in content ? content.html : content.map(textOf).join("");
}

export const html = (parts: TemplateStringsArray, ...contents: readonly Content[]): Html =>
  raw(parts.map((part, i) => part + (i < contents.length ? textOf(contents[i]) : "")).join(""));

/** Contents with something between them. */
export const joined = (contents: readonly Content[], between: Content): Html =>
  raw(contents.map((content, i) => (i > 0 ? textOf(between) : "") + textOf(content)).join(""));

export interface Column {
  readonly title: Content;
  /** Numbers lie right, under one another. */
  readonly numeric?: boolean;
}

export interface TableOptions {
  readonly caption: Content;
  readonly columns: readonly Column[];
  /** The first cell of a row is its header. */
  readonly rows: readonly (readonly Content[])[];
  readonly className?: string;
  /** Below the table, in small type. */
  readonly notes?: Content;
}

/** Rows that paper keeps together. */
const ONE_PIECE = 14;

/** A table with a caption, header cells that say what they head, and a scroller of its own, which the keyboard reaches, where it is too wide. */
export function table({ caption, columns, rows, className = "", notes = null }: TableOptions): Html {
  for (const row of rows) {
    if (row.length !== columns.length) throw new Error(`report: a row of ${row.length} cells in a table of ${columns.length} columns`);
  }
  const kind = (column: number): string => (columns[column].numeric === true ? ' class="number"' : "");
  const head = columns.map(({ title }, i) => html`<th scope="col" ${raw(kind(i))}>${title}</th>`);
  const body = rows.map((row) => {
    const cells = row.map((cell, i) => (i === 0 ? html`<th scope="row">${cell}</th>` : html`<td${raw(kind(i))}>${cell}</td>`));
    return html`<tr>
      ${cells}
    </tr> `;
  });
  const length = rows.length > ONE_PIECE ? "long" : "short";
  return html`<div class="table ${length} ${className}">
    <div class="scroller" tabindex="0">
      <table>
        <caption>
          <span>${caption}</span>
        </caption>
        <thead>
          <tr>
            ${head}
          </tr>
        </thead>
        <tbody>
          ${body}
        </tbody>
      </table>
    </div>
    ${notes === null ? null : html`<p class="notes">${notes}</p>`}
  </div> `;
}

/** A chart or pictures above their caption. */
export const figure = (body: Content, caption: Content, className = ""): Html =>
  html`<figure class="${className}">
    ${body}
    <figcaption>${caption}</figcaption>
  </figure> `;

// Comma-separated text (RFC 4180): quoted fields, doubled quotes, CRLF, LF or CR, a byte order mark, and what spreadsheets add: rows and last columns
// without content, semicolons or tabs in place of commas, and a first line "sep=;" that names the separator. Lines before the header that begin with # are
// comments. Every row must have as many fields as the first. Field values may name patients, so no error repeats one.

export interface CsvRow {
  /** From 1; where the row starts. */
  readonly line: number;
  readonly fields: readonly string[];
}

const FIELD_LIMIT = 100;
const COMMENT_LIMIT = 10_000;

/** Splits text into rows. Throws an error that names the file and the line. */
export function parseCsv(text: string, file: string): CsvRow[] {
  const rows: CsvRow[] = [];
  const mark = text.startsWith("\uFEFF") ? 1 : 0;
  const named = /^"?sep=([,;\t|])"?(\r\n|\r|\n|$)/.exec(text.slice(mark, mark + 10));
  let at = mark + (named?.[0].length ?? 0);
  let line = named ? 2 : 1;
  for (let comment = commentAt(text, at); comment > 0; comment = commentAt(text, at)) {
    at += comment;
    line++;
  }
  const separator = named?.[1] ?? separatorOf(text.slice(at, at + COMMENT_LIMIT));
  while (at < text.length) {
    const fields: string[] = [];
    const start = line;
    for (;;) {
      const field = text[at] === '"' ? readQuoted(text, at, { file, line, separator }) : readBare(text, at, { file, line, separator });
      fields.push(field.value);
      at = field.end;
      line += field.lines;
      if (text[at] !== separator) break;
      if (fields.length === FIELD_LIMIT) throw new Error(`${file} line ${start}: expected at most ${FIELD_LIMIT} fields per row`);
      at++;
    }
    at += text.startsWith("\r\n", at) ? 2 : 1;
    line++;
    if (fields.every((field) => field.trim() === "")) continue;
    const wanted = rows[0]?.fields.length ?? fields.length;
    if (fields.length !== wanted)
      throw new Error(`${file} line ${start}: expected ${wanted} fields as in the first line, got ${fields.length}`);
    rows.push({ line: start, fields });
  }
  return withoutEmptyColumns(rows);
}

/** What separates the names in the header: spreadsheets write semicolons where the comma is for decimals. A header with commas has commas. */
function separatorOf(text: string): string {
  const [header] = text.trimStart().split(/[\r\n]/, 1);
  return header.includes(",") ? "," : ([";", "\t"].find((separator) => header.includes(separator)) ?? ",");
}

/** Length of a comment line with its end; 0 where there is none. */
const commentAt = (text: string, at: number): number =>
  /^#[^\r\n]*(\r\n|\r|\n|$)/.exec(text.slice(at, at + COMMENT_LIMIT))?.[0].length ?? 0;

/** Last columns that are empty in every row are an accident of a spreadsheet's. */
function withoutEmptyColumns(rows: CsvRow[]): CsvRow[] {
  const used = Math.max(0, ...rows.map(({ fields }) => fields.findLastIndex((field) => field.trim() !== "") + 1));
  return rows.map(({ line, fields }) => ({ line, fields: fields.slice(0, used) }));
}

interface Place {
  readonly file: string;
  readonly line: number;
  readonly separator: string;
}

interface Field {
  readonly value: string;
  /** Where its separator stands. */
  readonly end: number;
  /** Line breaks inside. */
  readonly lines: number;
}

function readBare(text: string, at: number, { file, line, separator }: Place): Field {
  const stop = separator === "," ? /[,\r\n"]/g : new RegExp(`[${separator}\\r\\n"]`, "g");
  stop.lastIndex = at;
  const found = stop.exec(text);
  if (found?.[0] === '"')
    throw new Error(`${file} line ${line}: a quote inside an unquoted field; quote the field and double the quotes inside it`);
  const end = found?.index ?? text.length;
  return { value: text.slice(at, end), end, lines: 0 };
}

function readQuoted(text: string, at: number, { file, line, separator }: Place): Field {
  let value = "";
  for (let from = at + 1; ;) {
    const quote = text.indexOf('"', from);
    if (quote < 0) throw new Error(`${file} line ${line}: the quoted field that starts here does not end; close its quote`);
    value += text.slice(from, quote);
    from = quote + 1;
    if (text[from] === '"') {
      value += '"';
      from++;
      continue;
    }
    const separated = from === text.length || [separator, "\n", "\r"].includes(text[from]);
    if (!separated) throw new Error(`${file} line ${line}: text after the closing quote of a field; double the quotes inside it`);
    return { value, end: from, lines: value.split(/\r\n|\r|\n/).length - 1 };
  }
}

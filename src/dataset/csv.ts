// Comma-separated text (RFC 4180): quoted fields, doubled quotes, CRLF or LF, a byte order mark, blank lines. Every row must have as many
// fields as the first. Field values may name patients, so no error repeats one.

export interface CsvRow {
  /** From 1; where the row starts. */
  readonly line: number;
  readonly fields: readonly string[];
}

const FIELD_LIMIT = 100;

/** Splits text into rows. Throws an error that names the file and the line. */
export function parseCsv(text: string, file: string): CsvRow[] {
  const rows: CsvRow[] = [];
  let at = text.startsWith("\uFEFF") ? 1 : 0;
  let line = 1;
  while (at < text.length) {
    const fields: string[] = [];
    const start = line;
    for (;;) {
      const field = text[at] === '"' ? readQuoted(text, at, file, line) : readBare(text, at, file, line);
      fields.push(field.value);
      at = field.end;
      line += field.lines;
      if (text[at] !== ",") break;
      if (fields.length === FIELD_LIMIT) throw new Error(`${file} line ${start}: expected at most ${FIELD_LIMIT} fields per row`);
      at++;
    }
    at += text.startsWith("\r\n", at) ? 2 : 1;
    line++;
    const blank = fields.length === 1 && fields[0] === "";
    if (blank) continue;
    const wanted = rows[0]?.fields.length ?? fields.length;
    if (fields.length !== wanted)
      throw new Error(`${file} line ${start}: expected ${wanted} fields as in the first line, got ${fields.length}`);
    rows.push({ line: start, fields });
  }
  return rows;
}

interface Field {
  readonly value: string;
  /** Where its separator stands. */
  readonly end: number;
  /** Line breaks inside. */
  readonly lines: number;
}

function readBare(text: string, at: number, file: string, line: number): Field {
  const stop = /[,\n"]|\r\n/g;
  stop.lastIndex = at;
  const found = stop.exec(text);
  if (found?.[0] === '"')
    throw new Error(`${file} line ${line}: a quote inside an unquoted field; quote the field and double the quotes inside it`);
  const end = found?.index ?? text.length;
  return { value: text.slice(at, end), end, lines: 0 };
}

function readQuoted(text: string, at: number, file: string, line: number): Field {
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
    const separated = from === text.length || text[from] === "," || text[from] === "\n" || text.startsWith("\r\n", from);
    if (!separated) throw new Error(`${file} line ${line}: text after the closing quote of a field; double the quotes inside it`);
    return { value, end: from, lines: value.split("\n").length - 1 };
  }
}

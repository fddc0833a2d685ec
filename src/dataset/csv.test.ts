import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseCsv } from "./csv.ts";

fc.configureGlobal({ seed: 1710 });

const fieldsOf = (text: string): (readonly string[])[] => parseCsv(text, "m.csv").map(({ fields }) => fields);

describe("parseCsv", () => {
  test("quotes, doubled quotes, separators and line breaks inside quotes", () => {
    expect(fieldsOf('a,"b, c","d ""e""",""\n1,"2\n3",4,5\n')).toEqual([
      ["a", "b, c", 'd "e"', ""],
      ["1", "2\n3", "4", "5"],
    ]);
  });

  test("a byte order mark, CRLF, blank lines and a missing last line break", () => {
    expect(fieldsOf("\uFEFFa,b\r\n\r\n1,2\r\n\r\n3,4")).toEqual([
      ["a", "b"],
      ["1", "2"],
      ["3", "4"],
    ]);
  });

  test("rows know their line, also after a line break in quotes", () => {
    expect(parseCsv('a,b\n"x\ny",2\n\n3,4\n', "m.csv").map(({ line }) => line)).toEqual([1, 2, 5]);
  });

  test("what spreadsheets write: CR alone, a line that names the separator, rows and last columns without content", () => {
    const table = [
      ["a", "b"],
      ["1", "2"],
    ];
    expect(fieldsOf("a,b\r1,2\r")).toEqual(table);
    expect(fieldsOf("sep=,\r\na,b\r\n1,2\r\n")).toEqual(table);
    expect(fieldsOf("\uFEFFsep=;\na;b\n1;2\n")).toEqual(table);
    expect(fieldsOf("\uFEFF\r\na;b\r\n1;2\r\n")).toEqual(table);
    expect(fieldsOf("a\tb\n1\t2\n")).toEqual(table);
    expect(fieldsOf("a;b,c\n1;2,3\n")).toEqual([
      ["a;b", "c"],
      ["1;2", "3"],
    ]);
    expect(fieldsOf('sep=;\na;"b;c"\n1,5;2\n')).toEqual([
      ["a", "b;c"],
      ["1,5", "2"],
    ]);
    expect(fieldsOf("a,b\n1,2\n,,,\n , \n")).toEqual(table);
    expect(fieldsOf("a,b,,\n1,2,,\n")).toEqual(table);
    expect(fieldsOf("# my cases, all of them\n#\na,b\n1,2\n")).toEqual(table);
    expect(parseCsv('sep=,\ra,b\r"x\ry",2\r3,4', "m.csv").map(({ line }) => line)).toEqual([2, 3, 5]);
  });

  test("an empty text has no rows, an empty last field counts", () => {
    expect(parseCsv("", "m.csv")).toEqual([]);
    expect(fieldsOf("a,\n,b")).toEqual([
      ["a", ""],
      ["", "b"],
    ]);
  });

  test("any table survives being written with quotes or bare", () => {
    const field = fc.string({ unit: fc.constantFrom("a", "é", " ", ",", '"', "\n", "\r", "\uFEFF", "0") });
    const table = fc
      .integer({ min: 2, max: 4 })
      .chain((width) => fc.array(fc.array(fc.tuple(field, fc.boolean()), { minLength: width, maxLength: width }), { minLength: 1 }));
    fc.assert(
      fc.property(table, fc.constantFrom("\n", "\r\n"), fc.boolean(), (cells, lineBreak, last) => {
        // A row without content would be passed over.
        const rows = cells.map((row) => [...row, ["x", true] as const]);
        const written = rows.map((row) =>
          row.map(([value, bare]) => (bare && !/[",\r\n\uFEFF]/.test(value) ? value : `"${value.replaceAll('"', '""')}"`)).join(","),
        );
        expect(fieldsOf(written.join(lineBreak) + (last ? lineBreak : ""))).toEqual(rows.map((row) => row.map(([value]) => value)));
      }),
    );
  });

  test("any text is read or refused with the file and a line", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom("a", ",", '"', "\n", "\r"), maxLength: 40 }), (text) => {
        try {
          parseCsv(text, "m.csv");
        } catch (error) {
          expect((error as Error).message).toMatch(/^m\.csv line \d+: /);
        }
      }),
    );
  });

  test.each([
    ["a row too short", "a,b\n1\n", "m.csv line 2: expected 2 fields as in the first line, got 1"],
    ["a row too long", "a,b\n\n1,2,3\n", "m.csv line 3: expected 2 fields as in the first line, got 3"],
    ["a quote that never ends", 'a,b\n1,"2\n3,4\n', "m.csv line 2: the quoted field that starts here does not end"],
    ["text after a quote", 'a,b\n"1"x,2\n', "m.csv line 2: text after the closing quote"],
    ["a quote inside an unquoted field", 'a,b\n1"x,2\n', "m.csv line 2: a quote inside an unquoted field"],
    ["a thousand columns", ",".repeat(999), "m.csv line 1: expected at most 100 fields per row"],
  ])("%s is refused", (_, text, message) => expect(() => parseCsv(text, "m.csv")).toThrow(message));
});

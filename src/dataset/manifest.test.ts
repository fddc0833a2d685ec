import { describe, expect, test } from "vitest";
import { sha256Hex } from "../tensor/sha256.ts";
import { classesOf, hasSides, isSlab, labelledBySide, parseManifest } from "./manifest.ts";

const csv = (...lines: string[]): string => ["path,label,side,patient,split", ...lines].join("\n");

describe("parseManifest", () => {
  test("reads cases with and without side and split", () => {
    expect(parseManifest(csv("a/01.png,bleed,left,P1,train", "series/7/,none,,P2,test"), "manifest.csv").cases).toEqual([
      { line: 2, path: "a/01.png", label: "bleed", side: "left", patient: "P1", split: "train", rescale: null },
      { line: 3, path: "series/7", label: "none", side: null, patient: "P2", split: "test", rescale: null },
    ]);
    expect(parseManifest("patient, label ,path\nP1,x,1.png", "manifest.csv").cases).toEqual([
      { line: 2, path: "1.png", label: "x", side: null, patient: "P1", split: null, rescale: null },
    ]);
  });

  test("needs no more than paths and labels; each case is then a patient of its own", () => {
    const { cases, namesPatients } = parseManifest("Path,Label\n1.png,none\n2.png,left\n", "labels.csv");
    expect(namesPatients).toBe(false);
    expect(cases).toEqual([
      { line: 2, path: "1.png", label: "none", side: null, patient: "1.png", split: null, rescale: null },
      { line: 3, path: "2.png", label: "left", side: null, patient: "2.png", split: null, rescale: null },
    ]);
    expect(parseManifest(csv("1.png,none,,P1,train"), "manifest.csv").namesPatients).toBe(true);
  });

  test("coverage is of each series; a list without it has the hash that it always had", () => {
    const listed = parseManifest("path,label,coverage\na,none,slab\nb,left,head\nc,left,\n", "manifest.csv");
    expect(listed.cases.map(({ coverage }) => coverage)).toEqual(["slab", "head", undefined]);
    expect(listed.cases.map((item) => [isSlab(item, true), isSlab(item, false)])).toEqual([
      [true, true],
      [false, false],
      [true, false],
    ]);
    const hash = (text: string): string => parseManifest(text, "manifest.csv").hash;
    expect(hash("path,label,coverage\na,none,\n")).toBe(sha256Hex('["a","none",null,"a",null]'));
    expect(hash("path,label,coverage\na,none,slab\n")).not.toBe(hash("path,label\na,none\n"));
    expect(() => hash("path,label,coverage\na,none,half\n")).toThrow('line 2: coverage must be "head", "slab" or nothing');
  });

  test("columns that mean nothing here are passed over, and named", () => {
    const plain = parseManifest("path,label,patient\n1.png,a,P1\n", "labels.csv");
    const more = parseManifest(",path,label,patient,Age\n0,1.png,a,P1,70\n", "labels.csv");
    expect(more).toEqual({ ...plain, remarks: ['labels.csv: columns that mean nothing here are passed over: (without a name), "age"'] });
    expect(plain.remarks).toEqual([]);
    expect(parseManifest('{"path":"1.png","label":"a","patient":"P1","age":70}', "manifest.jsonl").remarks).toHaveLength(1);
  });

  test("a rescale is read, and is part of the hash", () => {
    const written = (rescale: string): ReturnType<typeof parseManifest> =>
      parseManifest(`path,label,rescale\n1.png,a,${rescale}\n`, "labels.csv");
    expect(written(" 0.5/-1024 ").cases[0].rescale).toEqual({ slope: 0.5, intercept: -1024 });
    expect(written("").cases[0].rescale).toBeNull();
    const plain = parseManifest("path,label\n1.png,a\n", "labels.csv").hash;
    expect([written("").hash === plain, written("1/0").hash === plain, written("1/0").hash === written("1/-1").hash]).toEqual([
      true,
      false,
      false,
    ]);
  });

  test("the hash is one for both formats, and changes with any field", () => {
    const lines = ["1.png,bleed,left,P1,train", "2.png,none,none,P2,test"];
    const { hash } = parseManifest(csv(...lines), "manifest.csv");
    const json = [
      `{"path": "1.png", "label": "bleed", "side": "left", "patient": "P1", "split": "train"}`,
      "",
      `{"split": "test", "patient": "P2", "label": "none", "path": "2.png"}`,
    ].join("\r\n");
    expect(parseManifest(json, "manifest.jsonl").hash).toBe(hash);
    expect(parseManifest(`\uFEFF${csv(...lines).replaceAll("\n", "\r\n")}\r\n`, "manifest.csv").hash).toBe(hash);
    for (const [from, to] of [
      ["1.png", "3.png"],
      ["bleed", "blood"],
      ["left", "right"],
      ["P1", "P3"],
      ["test", "val"],
    ]) {
      expect(parseManifest(csv(...lines).replace(from, to), "manifest.csv").hash).not.toBe(hash);
    }
  });

  test("a spreadsheet's list, with semicolons and paths as `find` prints them, is the list with commas", () => {
    const { hash } = parseManifest(csv("1.png,a,,P1,train", "b/2.png,b,left,P2,val"), "manifest.csv");
    const written = "\uFEFFpath;label;side;patient;split\r\n./1.png;a;;P1;train\r\n./b/2.png;b;left;P2;val\r\n";
    expect(parseManifest(written, "manifest.csv").hash).toBe(hash);
  });

  test.each([
    ["an empty file", "", "manifest.csv: is empty; its first line should be path,label,side,patient,split"],
    ["a header alone", csv(), "manifest.csv: lists no case"],
    [
      "another header",
      "file,class\n1.png,a",
      'manifest.csv line 1: the column "file" may be meant as path; rename it to path, or remove it',
    ],
    [
      "no header",
      "1.png,a\n2.png,b",
      "manifest.csv line 1: the header has no column path and no label; it should be path,label,side,patient,split",
    ],
    [
      "a column that may be meant for one that is absent",
      "path,label,Patient ID\n1.png,a,P1",
      'manifest.csv line 2: the column "patient id" may be meant as patient; rename it to patient, or remove it',
    ],
    ["an offset in a column of its own", "path,label,intercept\n1.png,a,-1024", 'the column "intercept" may be meant as rescale'],
    [
      "a rescale that is none",
      "path,label,rescale\n1.png,a,-1024",
      "manifest.csv line 2: rescale must be slope/intercept, such as 1/-1024, or nothing",
    ],
    ["an empty patient", "path,label,patient\n1.png,a,", "manifest.csv line 2: patient is empty"],
    ["a column twice", "path,label,patient,label\n1.png,a,P1,b", "manifest.csv line 1: the header has the column label twice; keep one"],
    ["an empty label", csv("1.png,,,P1,train"), "manifest.csv line 2: label is empty"],
    ["an unknown side", csv("1.png,a,both,P1,train"), 'manifest.csv line 2: side must be "left", "right" or nothing'],
    ["an unknown split", csv("1.png,a,,P1,dev"), 'manifest.csv line 2: split must be "train", "val", "test" or nothing'],
    ["a path upwards", csv("a/../../1.png,a,,P1,train"), 'manifest.csv line 2: path "a/../../1.png" leaves the dataset\'s folder'],
    ["an absolute path", csv("/1.png,a,,P1,train"), "leaves the dataset's folder"],
    ["a drive", csv("C:1.png,a,,P1,train"), "leaves the dataset's folder"],
    ["a backslash", csv("a\\1.png,a,,P1,train"), "leaves the dataset's folder"],
    ["a path twice", csv("a/,x,,P1,train", "b,x,,P2,train", "a,x,,P3,train"), 'manifest.csv line 4: path "a" is already in line 2'],
    [
      "a file inside a listed series",
      csv("a/1.dcm,x,,P1,train", "a,x,,P1,train"),
      'line 2: path "a/1.dcm" lies inside the folder of line 3',
    ],
    [
      "a patient in two splits",
      csv("1.png,a,,SMITH,train", "2.png,a,,P2,test", "3.png,a,,SMITH,test"),
      "line 4: its patient is in another split in line 2 (train and test)",
    ],
    ["splits in some lines only", csv("1.png,a,,P1,train", "2.png,a,,P2,"), "line 3: no split, where line 2 has one"],
  ])("%s is refused", (_, text, message) => expect(() => parseManifest(text, "manifest.csv")).toThrow(message));

  test.each([
    ["no JSON", '{"path": "1.png"\n', "manifest.jsonl line 1: is not JSON"],
    ["no object", "\n[1]\n", "manifest.jsonl line 2: expected the fields"],
    [
      "a field that may be meant for another",
      '{"path":"1.png","label":"a","subject":"P1"}',
      'the column "subject" may be meant as patient',
    ],
    ["a number as label", '{"path":"1.png","label":1,"patient":"P1"}', "manifest.jsonl line 1: label must be text"],
    ["a missing label", '{"path":"1.png","patient":"P1"}', "manifest.jsonl line 1: expected the fields path, label"],
    [
      "a patient in some lines only",
      '{"path":"1.png","label":"a","patient":"P1"}\n{"path":"2.png","label":"b"}',
      "manifest.jsonl line 2: no patient, where line 1 has one",
    ],
  ])("%s in JSON lines is refused", (_, text, message) => expect(() => parseManifest(text, "manifest.jsonl")).toThrow(message));

  test("no error names a patient", () => {
    const leak = csv("1.png,a,,SMITH,train", "2.png,a,,SMITH,test");
    expect(() => parseManifest(leak, "manifest.csv")).toThrow(/^(?!.*SMITH)/);
    const shifted = csv("1.png,a,SMITH,P1,train");
    expect(() => parseManifest(shifted, "manifest.csv")).toThrow(/^(?!.*SMITH)/);
  });
});

describe("classesOf", () => {
  const manifest = parseManifest(csv("1.png,none,,P1,", "2.png,left,,P2,", "3.png,right,,P3,"), "manifest.csv");

  test("sorted labels, or the order given", () => {
    expect(classesOf(manifest)).toEqual(["none", "left", "right"]);
    expect(classesOf(manifest, ["none", "left", "right", "both"])).toEqual(["none", "left", "right", "both"]);
  });

  test("a label outside the classes: the line and the classes, not the label", () => {
    expect(() => classesOf(manifest, ["none", "right"])).toThrow(
      /^manifest.csv line 3: the label is not among the classes "none", "right"/,
    );
  });

  test("one class, or a class twice", () => {
    expect(() => classesOf(parseManifest(csv("1.png,a,,P1,", "2.png,a,,P2,"), "m.csv"))).toThrow("m.csv: all cases have one label");
    expect(() => classesOf(manifest, ["none", "left", "none", "right"])).toThrow("contain one twice");
  });
});

describe("classesOf, of labels that a person takes for one", () => {
  const classes = (...labels: string[]): readonly string[] =>
    classesOf(parseManifest(["path,label", ...labels.map((label, i) => `${i}.png,${label}`)].join("\n"), "m.csv"));

  test.each([
    ["case", ["bleed", "Bleed", "none"]],
    ["the Unicode form", ["l\u00e9sion", "le\u0301sion", "none"]],
    ["quotes", ["bleed", "'bleed'", "none"]],
    ["spaces", ["old bleed", "old  bleed", "none"]],
    ["a mark that nobody sees", ["bleed", "bleed\u200b", "none"]],
  ])("differing in %s: refused with both lines", (_, labels) => {
    expect(() => classes(...labels)).toThrow(/^m\.csv line 3: the label ".*" is spelt ".*" in line 2: they would be two classes/);
  });

  test.each(["None", "LEFT", "Right"])("%s alone is no class of its own either", (label) => {
    expect(() => classes("bleed", label)).toThrow(`m.csv line 3: the label "${label}" is not the class "${label.toLowerCase()}"`);
  });

  test("other words, in any spelling, are", () => {
    expect(classes("Bleed", "No bleed", "none")).toEqual(["none", "Bleed", "No bleed"]);
  });
});

describe("labelledBySide", () => {
  const labelsOf = (...rows: string[]): string[] => labelledBySide(parseManifest(csv(...rows), "m.csv")).cases.map(({ label }) => label);

  test("takes the side from the label or from its column", () => {
    expect(labelsOf("1.png,none,,P1,", "2.png,hemorrhage,left,P2,", "3.png,right,,P3,")).toEqual(["none", "left", "right"]);
  });

  test("a finding without a side is refused by its line, and known beforehand", () => {
    const manifest = parseManifest(csv("1.png,none,,P1,", "2.png,hemorrhage,,P2,"), "m.csv");
    expect(hasSides(manifest)).toBe(false);
    expect(() => labelledBySide(manifest)).toThrow("m.csv line 3: the case has a finding but no side");
    expect(() => labelsOf("1.png,None,,P1,", "2.png,left,,P2,")).toThrow('m.csv line 2: the label "None" is not the class "none"');
  });
});

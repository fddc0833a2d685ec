// What identifies a patient is in no output. Marks stand in every identifying element of a folder of series, private ones and UIDs too, and in the list's column
// of patients; then everything that the commands write and print is searched for them, for what encodes them, and for hashes of them. Errors are provoked, with
// stacks printed.
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { encodeFile, parseFile, type Element } from "../fuzz/dicom-elements.ts";
import { runCli, type Finished } from "../support/run-cli.ts";
import { writeSeries } from "../support/study-cases.ts";

const scratch = mkdtempSync(join(tmpdir(), "striatum-identity-"));
const [series, damaged, runs] = ["series", "damaged", "runs"].map((name) => join(scratch, name));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const MARK = "ZQMARK";
/** Dates and UIDs, which may only have digits. */
const DIGIT_MARKS = ["19110213", "19120214", "9.9.11213.", "9.9.11214.", "9.9.11215."];

/** Identifying elements (PS3.15 table E.1-1, those that may stand in a CT), and a private block. `%` is the number of the case. */
const IDENTIFYING: readonly (readonly [tag: number, vr: string, value: string])[] = [
  [0x00080018, "UI", "9.9.11213.%"],
  [0x00080020, "DA", "19110213"],
  [0x00080050, "SH", `${MARK}ACC`],
  [0x00080080, "LO", `${MARK}INSTITUTION`],
  [0x00080081, "ST", `${MARK}INSTADDR`],
  [0x00080090, "PN", `${MARK}REF^PHYS`],
  [0x00081010, "SH", `${MARK}STATION`],
  [0x00081030, "LO", `${MARK}STUDYDESC`],
  [0x0008103e, "LO", `${MARK}SERIESDESC`],
  [0x00081040, "LO", `${MARK}DEPT`],
  [0x00081050, "PN", `${MARK}PERF`],
  [0x00081070, "PN", `${MARK}OPER`],
  [0x00082111, "ST", `${MARK}DERIV`],
  [0x00090010, "LO", `${MARK}CREATOR`],
  [0x00091001, "LO", `${MARK}PRIVATE`],
  [0x00100010, "PN", `${MARK}NAME^%`],
  [0x00100020, "LO", `${MARK}ID%`],
  [0x00100030, "DA", "19120214"],
  [0x00101000, "LO", `${MARK}OTHERID`],
  [0x00101001, "PN", `${MARK}OTHERNAME`],
  [0x00101040, "LO", `${MARK}ADDRESS`],
  [0x00102154, "SH", `${MARK}PHONE`],
  [0x00104000, "LT", `${MARK}COMMENTS`],
  [0x00181000, "LO", `${MARK}SERIAL`],
  [0x00181030, "LO", `${MARK}PROTOCOL`],
  [0x0020000d, "UI", "9.9.11214.%"],
  [0x0020000e, "UI", "9.9.11215.%"],
  [0x00200010, "SH", `${MARK}STUDYID`],
  [0x00204000, "LT", `${MARK}IMGCOMMENT`],
];

const element = (tag: number, vr: string, value: string): Element => ({
  tag,
  vr,
  value: Buffer.from(value.length % 2 === 0 ? value : `${value}${vr === "UI" ? "\0" : " "}`, "latin1"),
});

/** A file with these elements, in order, in place of those that it has. */
function withElements(bytes: Uint8Array, added: readonly Element[]): Uint8Array {
  const file = parseFile(bytes);
  const tags = new Set(added.map(({ tag }) => tag));
  const elements = [...file.elements.filter(({ tag }) => !tags.has(tag)), ...added].sort((a, b) => a.tag - b.tag);
  return encodeFile({ ...file, elements });
}

/** A case's number stands after each of its marks. */
const marked = (bytes: Uint8Array, index: number): Uint8Array =>
  withElements(
    bytes,
    IDENTIFYING.map(([tag, vr, value]) => element(tag, vr, value.replace("%", String(index)))),
  );

const CASES = 30;
/** Ways in which a file is wrong where identity could come with the message. */
const DAMAGE: Readonly<Record<string, (bytes: Uint8Array) => Uint8Array>> = {
  cut: (bytes) => bytes.subarray(0, bytes.length - 3000),
  "cut in its head": (bytes) => bytes.subarray(0, 700),
  "no image": (bytes) => withElements(bytes, [element(0x00080016, "UI", "9.9.11213.7")]),
  "another kind": (bytes) => withElements(bytes, [element(0x00080060, "CS", `${MARK}MODALITY`)]),
  "no place": (bytes) => withElements(bytes, [element(0x00200032, "DS", `${MARK}PLACE\\1\\2`)]),
  "no slope": (bytes) => withElements(bytes, [element(0x00281053, "DS", `${MARK}SLOPE`)]),
  "no unit": (bytes) => withElements(bytes, [element(0x00281054, "LO", `${MARK}UNIT`)]),
  "no grey": (bytes) => withElements(bytes, [element(0x00280004, "CS", `${MARK}PHOTO`)]),
  "other type": (bytes) => withElements(bytes, [element(0x00080008, "CS", `ORIGINAL\\PRIMARY\\${MARK}TYPE`)]),
  "a kernel": (bytes) => withElements(bytes, [element(0x00181210, "SH", `${MARK}KERNEL`)]),
  "rows of text": (bytes) => withElements(bytes, [element(0x00280010, "LO", `${MARK}ROWS`)]),
  "a name twice": (bytes) => {
    const file = parseFile(bytes);
    return encodeFile({ ...file, elements: [...file.elements, element(0x00100010, "PN", `${MARK}SECOND`)].sort((a, b) => a.tag - b.tag) });
  },
  "a syntax of text": (bytes) => {
    const file = parseFile(bytes);
    return encodeFile({ ...file, meta: file.meta.map((one) => (one.tag === 0x00020010 ? element(one.tag, "UI", `${MARK}SYNTAX`) : one)) });
  },
};

beforeAll(() => {
  writeSeries(series, CASES);
  for (let i = 0; i < CASES; i++) {
    const folder = join(series, `PH${String(i + 1).padStart(4, "0")}`);
    for (const name of readdirSync(folder)) writeFileSync(join(folder, name), marked(readFileSync(join(folder, name)), i));
  }
  const list = readFileSync(join(series, "manifest.csv"), "utf8");
  writeFileSync(join(series, "manifest.csv"), list.replaceAll(/,PH(\d+),/g, `,${MARK}LIST$1,`));
  // As the list above, of cases that are each wrong in one way.
  const rows = ["path,label,patient,split"];
  const good = marked(readFileSync(join(series, "PH0001/0.dcm")), 0);
  mkdirSync(damaged);
  for (const [i, [name, damage]] of Object.entries(DAMAGE).entries()) {
    writeFileSync(join(damaged, `${i}.dcm`), damage(good));
    rows.push(`${i}.dcm,${i % 2 === 0 ? "none" : "bleed"},${MARK}${name},train`);
  }
  writeFileSync(join(damaged, "manifest.csv"), `${rows.join("\n")}\n`);
  mkdirSync(runs);
  const small = ["--net", "alexnet", "--width", "1/8", "--size", "64", "--batch", "4", "--epochs", "1", "--slab"];
  searched(["train", "--data", series, "--out", join(runs, "train"), ...small], 0);
});

const DIGESTS = ["sha256", "sha1", "md5"];

/** Everything that must not be found: the marks as bytes, in UTF-16 and in base 64, and hashes of what identifies a patient or a series. */
function needles(): Buffer[] {
  const texts = [MARK, ...DIGIT_MARKS];
  // The letters of base 64 that do not depend on what stands before and after.
  const base64 = [
    [0, 0, 8],
    [1, 2, 9],
    [2, 3, 10],
  ].map(([shift, from, to]) =>
    Buffer.from(`${"\0".repeat(shift)}${MARK}\0\0`)
      .toString("base64")
      .slice(from, to),
  );
  const identities = Array.from({ length: CASES }, (_, i) =>
    IDENTIFYING.filter(([, , value]) => value.includes("%")).map(([, , value]) => value.replace("%", String(i))),
  );
  const named = identities.flat().flatMap((value) => [value, `patient ${value}`, `series ${value}`]);
  const hashes = named.flatMap((value) => DIGESTS.map((digest) => createHash(digest).update(value).digest("hex").slice(0, 16)));
  return [
    ...[...texts, ...base64, ...hashes].map((text) => Buffer.from(text, "latin1")),
    ...texts.map((text) => Buffer.from(text, "utf16le")),
  ];
}

const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile());

const found = (bytes: Buffer): string[] => needles().flatMap((needle) => (bytes.includes(needle) ? [needle.toString("latin1")] : []));

/** Runs a command with stacks in its errors; what it prints is searched. */
function searched(args: readonly string[], status: number): Finished {
  const finished = runCli(args, { STRIATUM_DEBUG: "1" });
  expect(finished.status, `${args.join(" ")}: ${finished.stderr}`).toBe(status);
  expect(found(Buffer.from(finished.stdout + finished.stderr)), args.join(" ")).toEqual([]);
  return finished;
}

test("the search finds marks as bytes, in UTF-16 and base 64, and hashes of identities", () => {
  for (const text of [MARK, "19110213", "9.9.11214.3"]) {
    expect(found(Buffer.from(`a ${text}X`)), text).not.toEqual([]);
    expect(found(Buffer.from(`a ${text}X`, "utf16le")), text).not.toEqual([]);
  }
  for (const before of ["", "a", "ab"])
    expect(found(Buffer.from(Buffer.from(`${before}${MARK}NAME`).toString("base64"))), before).not.toEqual([]);
  expect(found(Buffer.from(createHash("sha256").update(`patient ${MARK}ID7`).digest("hex")))).not.toEqual([]);
  expect(found(Buffer.from("nothing of it"))).toEqual([]);
});

test("no command prints or writes what identifies a patient", () => {
  searched(["dataset", "check", series, "--slab", "--sheet", join(runs, "sheet.png")], 0);
  searched(["dataset", "check", series, "--slab", "--json"], 0);
  searched(["eval", join(runs, "train"), "--data", series, "--split", "test", "--json"], 0);
  searched(["predict", "--run", join(runs, "train"), join(series, "PH0001/0.dcm"), "--grad-cam", join(runs, "cam.png"), "--json"], 0);
  searched(["augment", "show", join(series, "PH0002"), "--slab", "--out", join(runs, "variants.png")], 0);
  const study = ["--models", "alexnet-untrained-plain", "--seeds", "0", "--iterations", "4"];
  searched(["study", "--out", join(runs, "study"), "--data", series, "--slab", ...study], 0);
  const written = filesIn(runs);
  for (const name of ["sheet.png", "cam.png", "variants.png", "train/seen-cases.json", "study/report.html", "study/results.json"])
    expect(written, name).toContain(join(runs, name));
  for (const path of written) expect(found(readFileSync(path)), path).toEqual([]);
});

test("no error repeats what identifies a patient, stacks included", () => {
  searched(["dataset", "check", damaged], 1);
  searched(["train", "--data", damaged, "--out", join(runs, "refused"), "--net", "alexnet", "--width", "1/8", "--size", "64"], 1);
  const { stderr } = searched(["predict", "--run", join(runs, "train"), ...filesIn(damaged).filter((path) => path.endsWith(".dcm"))], 1);
  expect(stderr).toMatch(/^ +at /m);
  for (const i of [0, 2, 5, 10, 12]) expect(stderr).toContain(`${i}.dcm: `);
});

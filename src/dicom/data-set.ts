// From the bytes of a file to its attributes: preamble, group 0002, transfer syntax, inflation, then dicom-parser behind a guard.
// Everything after the pixel data is left unread. Errors thrown here do not name the file yet; read-slice.ts puts its name in front.
import dicomParser, { type DataSet, type Element } from "dicom-parser";
import { ATTRIBUTES, formatTag, LONG_VRS, nameOf, SHORT_VRS, type Keyword } from "./dictionary.ts";
import { frameStreams } from "./encapsulated.ts";
import { GuardedStream } from "./guarded-stream.ts";
import { SYNTAXES, transferSyntax, type TransferSyntax } from "./transfer-syntax.ts";

/** Raw deflate (RFC 1951), which throws once more than `limitBytes` come out. Platform.inflate is one. */
export type Inflate = (bytes: Uint8Array, limitBytes: number) => Promise<Uint8Array>;

/** A slice needs 32 MiB at most, and a volume of enhanced CT some more. */
const INFLATED_LIMIT_BYTES = 256 * 2 ** 20;
/** No attribute read here is longer; window lists are the longest. */
const VALUE_LIMIT_BYTES = 1024;

const UNDEFINED_LENGTH = 0xffffffff;

/** Typed, bounded access to the attributes of one data set. */
export interface Attributes {
  readonly syntax: TransferSyntax;
  /** What had to be guessed, for a person to read. */
  readonly notes: readonly string[];
  /** All values as text, trimmed, joined by "\"; "" if absent or empty. */
  text(keyword: Keyword): string;
  /** Values of a DS or IS attribute; [] if absent or empty; NaN for text that is not a number. */
  numbers(keyword: Keyword): number[];
  /** An unsigned 16-bit value, or null. */
  uint16(keyword: Keyword): number | null;
  has(keyword: Keyword): boolean;
  /** The data sets of a sequence; [] if it is absent or empty. */
  items(keyword: Keyword): Attributes[];
  /** The bytes of each frame: bare ones, or, in a compressed syntax, a code stream. Throws if there are none, and where bare ones are not as many as `shape` wants. */
  frames(count: number, shape: FrameShape): Uint8Array[];
}

/** What the tags say of each frame. */
export interface FrameShape {
  readonly rows: number;
  readonly columns: number;
  readonly bitsAllocated: number;
}

/** Whether "DICM" stands where a DICOM file has it. A file without it may still be a bare data set. */
export const hasPreamble = (bytes: Uint8Array): boolean => bytes.length >= 132 && latin1(bytes, 128, 4) === "DICM";

/** Reads everything up to the pixel data. Throws on what is not DICOM, truncated, malformed or in a syntax that is not read. */
export async function readAttributes(bytes: Uint8Array, inflate: Inflate): Promise<Attributes> {
  const notes: string[] = [];
  const preamble = hasPreamble(bytes);
  const { uid, end } = readMeta(bytes, preamble ? 132 : 0);
  if (!preamble) notes.push("no preamble: the file starts with the data set");
  let syntax: TransferSyntax;
  if (uid) {
    syntax = transferSyntax(uid);
  } else {
    syntax = guessSyntax(bytes, end, preamble);
    notes.push(`no transfer syntax is given: read as ${syntax.name}`);
  }
  const body = syntax.deflated ? await inflate(bytes.subarray(end), INFLATED_LIMIT_BYTES) : bytes;
  return attributesOf(readElements(body, syntax.deflated ? 0 : end, syntax, notes), body, syntax, notes);
}

/** Group 0002 is explicit little endian whatever follows; its group length is often wrong, so it is read until the group changes. */
function readMeta(bytes: Uint8Array, start: number): { uid: string; end: number } {
  let uid = "";
  let end = start;
  while (end + 8 <= bytes.length && bytes[end] === 2 && bytes[end + 1] === 0) {
    const long = LONG_VRS.has(latin1(bytes, end + 4, 2));
    const view = new DataView(bytes.buffer, bytes.byteOffset + end, Math.min(12, bytes.length - end));
    if (long && view.byteLength < 12) break;
    const from = end + (long ? 12 : 8);
    const length = long ? view.getUint32(8, true) : view.getUint16(6, true);
    if (from + length > bytes.length) throw new Error(`the meta header runs past the end of the file at byte ${end}: truncated?`);
    if (view.getUint16(2, true) === 0x0010) uid = latin1(bytes, from, Math.min(length, 65)).replace(/[\0 ]+$/, "");
    end = from + length;
  }
  return { uid, end };
}

/** The usual guess where nothing is said: by the byte order of the first group number, and by whether letters follow that name a VR. */
function guessSyntax(bytes: Uint8Array, at: number, isDicom: boolean): TransferSyntax {
  const group = bytes.length >= at + 8 ? bytes[at] + 256 * bytes[at + 1] : 0;
  const vr = latin1(bytes, at + 4, 2);
  const explicit = SHORT_VRS.has(vr) || LONG_VRS.has(vr);
  if (group === 0x0008) return explicit ? SYNTAXES.explicit : SYNTAXES.implicit;
  if (group === 0x0800 && explicit) return SYNTAXES["big-endian"];
  if (isDicom)
    throw new Error("neither a transfer syntax (0002,0010) nor a data set that starts with group 0008 was found after the meta header");
  throw new Error('not a DICOM file: expected "DICM" at byte 128, or a data set that starts with group 0008');
}

type Elements = DataSet["elements"];

function readElements(bytes: Uint8Array, start: number, syntax: TransferSyntax, notes: string[]): Elements {
  if (start >= bytes.length) throw new Error("the data set is empty: truncated?");
  const stream = new GuardedStream(bytes, start, syntax.bigEndian);
  const inOrder: Element[] = [];
  const elements = new Proxy<Elements>(
    {},
    {
      set(known, tag: string, element: Element) {
        inOrder.push(element);
        return Reflect.set(known, tag, element);
      },
    },
  );
  // All that dicom-parser touches of the data set it fills.
  const set = { elements, warnings: [] } as Pick<DataSet, "elements" | "warnings"> as DataSet;
  const until = { untilTag: ATTRIBUTES.PixelData[0] };
  parsing(() => {
    if (syntax.explicit) dicomParser.parseDicomDataSetExplicit(set, stream, bytes.length, until);
    else dicomParser.parseDicomDataSetImplicit(set, stream, bytes.length, until);
  });
  checkElements(inOrder, bytes, syntax, notes);
  return elements;
}

function parsing(parse: () => void): void {
  try {
    parse();
  } catch (error) {
    throw new Error(`the data set cannot be read: ${reasonOf(error)}`, { cause: error });
  }
}

/** dicom-parser throws strings; its TypeErrors and the stack's RangeError come from malformed nesting. */
function reasonOf(error: unknown): string {
  if (error instanceof RangeError) return "sequences are nested too deeply";
  if (typeof error === "string" && /osition|past end|overrun/.test(error)) return "a sequence runs past its end: truncated?";
  return error instanceof Error && !(error instanceof TypeError) ? error.message : "its sequences are malformed";
}

/**
 * A wrong length makes a parser read values as elements; then tags stop ascending and VRs stop being VRs. Some writers append elements out of order: where
 * all VRs are sound and the lengths lead to the pixel data or the end, nothing else is wrong. Implicit elements have no VRs to judge by.
 */
function checkElements(elements: readonly Element[], bytes: Uint8Array, syntax: TransferSyntax, notes: string[]): void {
  const known = new Map<string, Element>();
  let last = "";
  let misplaced = 0;
  for (const element of elements) {
    const { tag, vr } = element;
    if (syntax.explicit && !(vr && (SHORT_VRS.has(vr) || LONG_VRS.has(vr)))) throw new Error(`element ${formatTag(tag)} has no valid VR`);
    const first = known.get(tag);
    if (first) requireSame(first, element, bytes);
    else if (tag < last) misplaced++;
    if (misplaced > 0 && !syntax.explicit)
      throw new Error(`elements out of order: ${formatTag(tag)} after ${formatTag(last)}; a length before it is wrong`);
    known.set(tag, element);
    last = tag;
  }
  if (misplaced > 0) notes.push("elements are out of order: read all the same, as their types and lengths are sound");
}

const READ: ReadonlySet<string> = new Set(Object.values(ATTRIBUTES).map(([tag]) => tag));

/** Which of two values holds cannot be known. */
function requireSame(first: Element, second: Element, bytes: Uint8Array): void {
  if (!READ.has(second.tag)) return;
  const valueOf = ({ dataOffset, length }: Element): string => latin1(bytes, dataOffset, Math.min(length, VALUE_LIMIT_BYTES));
  if (first.length !== second.length || valueOf(first) !== valueOf(second))
    throw new Error(`element ${formatTag(second.tag)} occurs twice, with two values`);
}

function attributesOf(elements: Elements, bytes: Uint8Array, syntax: TransferSyntax, notes: string[]): Attributes {
  const find = (keyword: Keyword): Element | null => {
    const element = elements[ATTRIBUTES[keyword][0]];
    return element && element.length > 0 ? element : null;
  };
  const text = (keyword: Keyword): string => {
    const element = find(keyword);
    if (!element) return "";
    if (element.length > VALUE_LIMIT_BYTES)
      throw new Error(`${nameOf(keyword)}: expected at most ${VALUE_LIMIT_BYTES} bytes, got ${element.length}`);
    return latin1(bytes, element.dataOffset, element.length)
      .split("\\")
      .map((value) => value.replace(/\0+$/, "").trim())
      .join("\\");
  };
  return {
    syntax,
    notes,
    text,
    numbers(keyword) {
      const all = text(keyword);
      // Number("") is 0, which would turn an empty value into a position.
      return all === "" ? [] : all.split("\\").map((value) => (value === "" ? Number.NaN : Number(value)));
    },
    uint16(keyword) {
      const element = find(keyword);
      if (!element) return null;
      if (element.length < 2) throw new Error(`${nameOf(keyword)}: expected 2 bytes, got ${element.length}`);
      return new DataView(bytes.buffer, bytes.byteOffset).getUint16(element.dataOffset, !syntax.bigEndian);
    },
    has: (keyword) => find(keyword) !== null,
    items: (keyword) => itemsOf(find(keyword), bytes).map(({ dataSet }) => attributesOf(dataSet?.elements ?? {}, bytes, syntax, notes)),
    frames(count, shape) {
      const element = find("PixelData");
      if (!element) throw new Error(`no ${nameOf("PixelData")}: the file has no image`);
      const { dataOffset, length } = element;
      if (syntax.compression) {
        if (length !== UNDEFINED_LENGTH)
          throw new Error(`${nameOf("PixelData")}: expected fragments, as ${syntax.name} has, got bare values`);
        const table = find("ExtendedOffsetTable");
        const offsets = table && bytes.subarray(table.dataOffset, table.dataOffset + table.length);
        return frameStreams(bytes, dataOffset, count, syntax.compression, offsets);
      }
      if (length === UNDEFINED_LENGTH) throw new Error(`${nameOf("PixelData")} has an undefined length in an uncompressed syntax`);
      const frameBytes = (shape.rows * shape.columns * shape.bitsAllocated) / 8;
      checkLength({ wanted: count * frameBytes, length, left: bytes.length - dataOffset }, shape, notes);
      return Array.from({ length: count }, (_, i) => bytes.subarray(dataOffset + i * frameBytes, dataOffset + (i + 1) * frameBytes));
    },
  };
}

/** A sequence whose type its writer did not know has implicit elements in little endian, whatever the file's syntax (PS3.5 6.2.2); dicom-parser looks into one of undefined length only. */
function itemsOf(element: Element | null, bytes: Uint8Array): Element[] {
  if (element?.vr !== "UN" || element.items) return element?.items ?? [];
  const { dataOffset, length } = element;
  const sequence: Element = { ...element };
  parsing(() =>
    dicomParser.readSequenceItemsImplicit(new GuardedStream(bytes.subarray(0, dataOffset + length), dataOffset, false), sequence),
  );
  return sequence.items ?? [];
}

/**
 * Throws where the tags and the length of the pixels contradict each other: which of them is wrong cannot be known. A pad byte after an odd number is
 * as it should be; some writers append a few more, which are too few to come from a wrong number of rows, columns or bits, and are noted.
 */
function checkLength(
  { wanted, length, left }: { readonly wanted: number; readonly length: number; readonly left: number },
  { rows, columns, bitsAllocated }: FrameShape,
  notes: string[],
): void {
  const name = nameOf("PixelData");
  const present = Math.min(length, left);
  if (present < wanted) throw new Error(`${name}: expected ${wanted} bytes, got ${present}: truncated?`);
  if (length > left) throw new Error(`${name}: its length says ${length} bytes, but ${left} are left: damaged?`);
  const surplus = length - wanted - (wanted % 2);
  if (surplus <= 0) return;
  if (surplus >= (Math.min(rows, columns) * bitsAllocated) / 8)
    throw new Error(
      `${name}: expected ${wanted} bytes, as Rows, Columns and BitsAllocated (${rows} x ${columns} of ${bitsAllocated} bits) say, got ${length}: one of them is wrong`,
    );
  notes.push(`${name} is ${surplus} bytes longer than its pixels: the rest is ignored`);
}

/** Looks into each of `layers` in turn: the first that has an attribute gives it; the last one holds the pixels. */
export function layered(layers: readonly Attributes[]): Attributes {
  const last = layers[layers.length - 1];
  const holder = (keyword: Keyword): Attributes => layers.find((each) => each.has(keyword)) ?? last;
  return {
    ...last,
    text: (keyword) => holder(keyword).text(keyword),
    numbers: (keyword) => holder(keyword).numbers(keyword),
    uint16: (keyword) => holder(keyword).uint16(keyword),
    has: (keyword) => holder(keyword).has(keyword),
    items: (keyword) => holder(keyword).items(keyword),
  };
}

/** Bytes as text, one character a byte; shorter than asked at the end of the file. */
function latin1(bytes: Uint8Array, from: number, length: number): string {
  return String.fromCharCode(...bytes.subarray(from, from + length));
}

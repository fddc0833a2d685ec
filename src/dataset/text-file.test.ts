import { expect, test } from "vitest";
import { decodeText } from "./text-file.ts";

const text = "path,label\n1.png,n\u00e9ant\n";
const bytesOf = (encoding: "utf8" | "utf16le", mark: string): Uint8Array => Buffer.from(mark + text, encoding);
const swapped = (bytes: Uint8Array): Uint8Array => bytes.map((_, i) => bytes[i ^ 1]);

test.each([
  ["UTF-8", bytesOf("utf8", "")],
  ["UTF-8 with a mark", bytesOf("utf8", "\ufeff")],
  ["UTF-16 with a mark", bytesOf("utf16le", "\ufeff")],
  ["UTF-16, the larger byte first, with a mark", swapped(bytesOf("utf16le", "\ufeff"))],
  ["UTF-16 without a mark", bytesOf("utf16le", "")],
  ["UTF-16, the larger byte first, without a mark", swapped(bytesOf("utf16le", ""))],
])("%s is read, without its mark", (_, bytes) => expect(decodeText(bytes, "labels.csv")).toBe(text));

test.each([
  ["Latin-1", Buffer.from(text, "latin1"), "labels.csv line 2: is not UTF-8 text; save the file as UTF-8"],
  ["UTF-16 cut off", bytesOf("utf16le", "\ufeff").subarray(0, -1), "labels.csv: is damaged UTF-16 text; save the file as UTF-8"],
])("%s is refused", (_, bytes, message) => expect(() => decodeText(bytes, "labels.csv")).toThrow(message));

test("an empty file is an empty text", () => expect(decodeText(new Uint8Array(0), "labels.csv")).toBe(""));

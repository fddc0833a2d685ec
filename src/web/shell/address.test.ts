// Addresses: read and written back the same, readable, and never lost for being odd.
import { assert, dictionary, property, record, string } from "fast-check";
import { expect, test } from "vitest";
import { changed, parseAddress, writeAddress } from "./address.ts";

test("an address says room, path and keys", () => {
  expect(parseAddress("#/look/inception_4b/3x3?c=17&at=9,4&of=class:282")).toEqual({
    room: "look",
    path: "inception_4b/3x3",
    keys: { c: "17", at: "9,4", of: "class:282" },
  });
  expect(parseAddress("")).toEqual({ room: "start", path: "", keys: {} });
});

test("it is readable: slashes, commas and colons stay", () => {
  const address = { room: "look", path: "inception_4b/3x3", keys: { at: "9,4", of: "class:282" } };
  expect(writeAddress(address)).toBe("#/look/inception_4b/3x3?at=9,4&of=class:282");
});

test("what is written is read back, whatever the names are", () => {
  const name = string({ minLength: 1 });
  assert(
    property(record({ room: name, path: string(), keys: dictionary(name, string()) }), (address) => {
      expect(parseAddress(writeAddress(address))).toEqual({ ...address, keys: { ...address.keys } });
    }),
  );
});

test("a percent sign without a number is kept as typed", () => {
  expect(parseAddress("#/look/100%?x=%zz")).toEqual({ room: "look", path: "100%", keys: { x: "%zz" } });
});

test("a change keeps the other keys, and an empty value removes one", () => {
  const address = parseAddress("#/look/conv1?c=1&net=alexnet&later=x");
  expect(writeAddress(changed(address, { path: "conv2", keys: { c: "" } }))).toBe("#/look/conv2?net=alexnet&later=x");
});

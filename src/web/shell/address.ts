// The page's address: "#/room/path?key=value". All state that can be shared is in it; keys at their defaults are absent, unknown keys are kept.

/** What an address says. */
export interface Address {
  /** Name of the room: "start", "look". */
  readonly room: string;
  /** What follows the room: a layer's name or a launch's id, with its slashes; empty where there is nothing. */
  readonly path: string;
  /** Keys and values in the order of the address. */
  readonly keys: Readonly<Record<string, string>>;
}

/** A change of an address; a key with an empty value is removed. */
export interface AddressChange {
  readonly room?: string;
  readonly path?: string;
  readonly keys?: Readonly<Record<string, string>>;
}

/** Characters that a reader may see unencoded in an address without changing what it says. */
const READABLE = /%(2F|2C|3A|20)/g;
const shown = (text: string): string =>
  encodeURIComponent(text).replaceAll(READABLE, (code) => (code === "%20" ? "+" : decodeURIComponent(code)));

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return text; // "%" and no number: as it was typed
  }
}

/** Reads `location.hash`. An empty one is the start room's. */
export function parseAddress(hash: string): Address {
  const [place, query = ""] = splitOnce(hash.replace(/^#?\/?/, ""), "?");
  const [room, path = ""] = splitOnce(place, "/");
  const pairs = query.split("&").map((pair) => splitOnce(pair, "="));
  const keys = pairs.flatMap(([key, value = ""]) => (key === "" ? [] : [[decoded(key), decoded(value)]]));
  return { room: decoded(room) || "start", path: decoded(path), keys: Object.fromEntries(keys) };
}

/** Writes an address. `parseAddress` of it is the same address. */
export function writeAddress({ room, path, keys }: Address): string {
  const query = Object.entries(keys).map(([key, value]) => `${shown(key)}=${shown(value)}`);
  return `#/${encodeURIComponent(room)}${path && `/${shown(path)}`}${query.length > 0 ? `?${query.join("&")}` : ""}`;
}

/** An address with a change. */
export function changed(address: Address, { room = address.room, path = address.path, keys = {} }: AddressChange): Address {
  const all = Object.entries({ ...address.keys, ...keys }).filter(([, value]) => value !== "");
  return { room, path, keys: Object.fromEntries(all) };
}

function splitOnce(text: string, at: string): [string, string?] {
  const place = text.indexOf(at);
  return place < 0 ? [text] : [text.slice(0, place), text.slice(place + at.length)];
}

// The public names: none but they are in the published declarations, each is described, docs/api.md says what they say, and what only looks like a thing
// of this package is refused.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, expectTypeOf, test } from "vitest";
import { apiPage, leaked, readApi, undocumented } from "../../deploy/api-page.ts";
import { exportsOf, publicDeclarations } from "../../deploy/declarations.ts";
import { ENTRIES } from "../../deploy/entries.ts";
import packageJson from "../../package.json" with { type: "json" };
import type { TableOptions } from "../engine/profile-report.ts";
import { FAMILIES, NAMED_FAMILIES, type Family } from "../kernels/kernel.ts";
import { networks } from "../models/index.ts";
import { expectDeviceOptions } from "./arguments.ts";
import { internalsOf, type Device, type KernelFamily } from "./device.ts";
import { Folder } from "./folder.ts";
import { alexnet, networkOf, type Model } from "./model.ts";
import type { ProfileTableOptions } from "./profile.ts";

const read = (path: string): string => readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), "utf8");

let declarations: string;
beforeAll(async () => {
  declarations = publicDeclarations();
});

describe("the published declarations", () => {
  test("declare exactly what the entries export", () => {
    const api = readApi(declarations);
    expect(leaked(api)).toEqual([]);
    expect(api.map(({ name }) => name).toSorted()).toEqual(ENTRIES.flatMap((entry) => exportsOf(entry).map(({ name }) => name)).toSorted());
  });

  test("are in the package's exports, each entry with its own", () => {
    const entries = Object.keys(packageJson.exports).filter((path) => /^\.(\/\w+)?$/.test(path));
    expect(entries).toEqual(ENTRIES.map((entry) => (entry === "index" ? "." : `./${entry}`)));
  });

  test("an internal type that a public one reaches is found", () => {
    expect(leaked(readApi(`interface Graph {}\n${declarations}`))).toEqual(["Graph"]);
  });

  test("describe every name and member", () => {
    expect(undocumented(readApi(declarations))).toEqual([]);
  });

  test("any doc comment that is taken away is missed", () => {
    const comments = [...declarations.matchAll(/\/\*\*.*?\*\/\s*/gs)];
    expect(comments.length).toBeGreaterThan(100);
    for (const { 0: comment, index } of comments) {
      const without = declarations.slice(0, index) + declarations.slice(index + comment.length);
      expect(undocumented(readApi(without)), comment).toHaveLength(1);
    }
  });
});

describe("docs/api.md", () => {
  test("is what `npm run docs:api` writes", async () => {
    expect(read("docs/api.md")).toBe(await apiPage(readApi(declarations)));
  });

  test("has a place for every public name, and none for others", async () => {
    await expect(apiPage(readApi(`${declarations}\n/** New. */\nexport interface Novelty {}`))).rejects.toThrow("no group has Novelty");
    await expect(apiPage(readApi(declarations).slice(1))).rejects.toThrow("in vain");
  });

  test("links to headings that are there", () => {
    const page = read("docs/api.md");
    const headings = [...page.matchAll(/^#+ (.*)$/gm)].map(([, title]) => title.toLowerCase().replaceAll(" ", "-"));
    const addresses = headings.map((heading, i) => {
      const before = headings.slice(0, i).filter((other) => other === heading).length;
      return before > 0 ? `${heading}-${before}` : heading;
    });
    const wanted = new Map([...page.matchAll(/\[(\w+)\]\(#([\w-]+)\)/g)].map(([, name, address]) => [name, address]));
    expect(wanted.size).toBeGreaterThan(40);
    for (const [name, address] of wanted) expect(page.match(/^#+ .*$/gm)?.[addresses.indexOf(address)], address).toMatch(`# ${name}`);
  });
});

test("the public words for kernels and groupings are the engine's", () => {
  expectTypeOf<KernelFamily>().toEqualTypeOf<Family>();
  expectTypeOf<ProfileTableOptions>().toEqualTypeOf<TableOptions>();
});

test("every kernel family of the engine may be asked for, and no other", () => {
  for (const kernels of [...FAMILIES, ...NAMED_FAMILIES]) expect(() => expectDeviceOptions({ kernels })).not.toThrow();
  expect(() => expectDeviceOptions({ kernels: "fast" })).toThrow('openDevice: kernels must be "textbook" or "vector"');
});

describe("what this package did not make is refused by name", () => {
  const model = alexnet({ classes: 2 });

  test("models", () => {
    expect(networkOf(model)).toBe(networks["alexnet"]);
    for (const wrong of [{ classes: 2, width: 1, size: 227, init: null }, "alexnet", null, undefined])
      expect(() => networkOf(wrong as Model)).toThrow(
        new TypeError("expected a model that alexnet() or googlenet() of this package returned"),
      );
  });

  test("devices and folders", () => {
    for (const wrong of [{}, null, model]) {
      expect(() => internalsOf(wrong as Device)).toThrow(TypeError);
      expect(() => Folder.planOf(wrong as Folder)).toThrow("expected data that folder() of this package returned");
    }
  });
});

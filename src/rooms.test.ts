// The import diagram of docs/architecture.md, compared with every import of the project: static, type-only and dynamic.
import { readdirSync, readFileSync } from "node:fs";
import { posix } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

/** Each room of src/, and the rooms that it may import from. A folder named with its parent is a room of its own. */
const ROOMS: Readonly<Record<string, string>> = {
  tensor: "",
  statistics: "",
  codecs: "",
  graph: "tensor",
  ops: "tensor graph",
  passes: "tensor graph ops",
  kernels: "tensor graph ops",
  models: "tensor graph ops kernels",
  platform: "tensor codecs",
  engine: "tensor graph ops passes kernels platform",
  verify: "tensor graph ops kernels engine",
  tune: "tensor graph ops passes kernels engine verify",
  weights: "tensor",
  onnx: "tensor graph ops models weights",
  dicom: "tensor codecs",
  fractals: "tensor",
  phantoms: "tensor dicom",
  dataset: "tensor statistics codecs dicom platform",
  train: "tensor graph ops passes kernels models platform engine weights statistics codecs dicom fractals dataset",
  study: "tensor models platform engine weights statistics dicom phantoms dataset train study/jobs study/analysis study/report",
  "study/jobs": "tensor models platform engine weights statistics dicom phantoms dataset train study study/analysis study/report",
  "study/analysis": "tensor models statistics dataset train study",
  "study/report": "tensor models statistics dataset platform train study study/analysis",
  library: "tensor graph ops passes kernels models platform engine verify tune weights onnx dicom fractals phantoms dataset train",
  "index.ts": "library dataset",
  "inspect.ts": "library",
  "networks.ts": "library models",
  "onnx.ts": "library onnx",
  "synthetic.ts": "library",
  "trainer.ts": "library",
  web: "",
  cli: "*",
};

/** Rooms that may import from Node. All others ask the platform. */
const NODE_ROOMS = ["codecs", "platform", "cli"];

const root = fileURLToPath(new URL("../", import.meta.url));

/** Sources of the project, test files apart, which may import anything. */
const sources = ["src", "bench", "kernels-test"].flatMap((folder) =>
  readdirSync(root + folder, { recursive: true, encoding: "utf8" })
    .map((name) => `${folder}/${name}`)
    .filter((path) => /\.(ts|mjs)$/.test(path) && !/(^|\/)node_modules\//.test(path)),
);
const isTest = (path: string): boolean => /(\.test|-fixture)\.ts$/.test(path);

/** What package.json maps by runtime. */
const MAPPED: Readonly<Record<string, string>> = { "#platform": "src/platform/platform.ts", "#matrix": "src/kernels/gemm-matrix.ts" };

/** What a file imports: paths from the root of the repository, and names of packages. */
function importsOf(path: string): string[] {
  const text = readFileSync(root + path, "utf8").replaceAll(/^\s*(\/\/|\*).*$/gm, "");
  const specifiers = [...text.matchAll(/\b(?:from|import)\s*\(?\s*"([^"]+)"/g)].map(([, specifier]) => specifier);
  const paths = specifiers.map((specifier) =>
    specifier in MAPPED ? MAPPED[specifier] : specifier.startsWith(".") ? posix.join(posix.dirname(path), specifier) : specifier,
  );
  return paths.filter((to) => to !== path); // `typeof import` of the file itself
}

const imports = new Map(sources.map((path) => [path, importsOf(path)]));

/** The room of a file below src/: the deepest folder that the table names; an entry is a room of its own, named as its file. */
function roomOf(path: string): string | null {
  const [src, room, folder] = path.split("/");
  if (src !== "src") return null;
  if (folder === undefined) return room;
  return `${room}/${folder}` in ROOMS ? `${room}/${folder}` : room;
}

/** Circles among files, each as the list of files that it goes through. */
function circles(edges: ReadonlyMap<string, readonly string[]>): string[][] {
  const found: string[][] = [];
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (file: string): void => {
    const at = path.indexOf(file);
    if (at >= 0) found.push([...path.slice(at), file]);
    if (at >= 0 || done.has(file)) return;
    path.push(file);
    for (const next of edges.get(file) ?? []) visit(next);
    path.pop();
    done.add(file);
  };
  for (const file of edges.keys()) visit(file);
  return found;
}

test("every folder of src/ is in the table, and every room of the table is there", () => {
  const rooms = new Set(sources.map(roomOf).filter((room) => room !== null));
  rooms.delete("rooms.test.ts");
  expect([...rooms].toSorted()).toEqual(Object.keys(ROOMS).toSorted());
});

describe.each(Object.entries(ROOMS))("src/%s", (room, allowed) => {
  const files = sources.filter((path) => roomOf(path) === room && !isTest(path));

  test("imports from the rooms of its line alone", () => {
    const mayImport = new Set([room, ...allowed.split(" ")]);
    const refused = files.flatMap((path) =>
      (imports.get(path) as string[])
        .filter((to) => /^(src|bench|kernels-test)\//.test(to))
        .filter((to) => allowed !== "*" && !mayImport.has(roomOf(to) ?? to))
        .map((to) => `${path} imports ${to}`),
    );
    expect(refused).toEqual([]);
  });

  test("imports from Node only if it is a room that may", () => {
    if (NODE_ROOMS.includes(room)) return;
    const refused = files.filter((path) => (imports.get(path) as string[]).some((to) => to.startsWith("node:")));
    expect(refused).toEqual([]);
  });
});

test("the table itself has no arrow back up, but for the parts of one room", () => {
  const parent = (room: string): string => room.split("/")[0];
  const edges = Object.entries(ROOMS).map(([room, allowed]) => [parent(room), allowed.split(" ").map(parent)] as const);
  const merged = new Map<string, string[]>();
  for (const [room, to] of edges) merged.set(room, [...(merged.get(room) ?? []), ...to.filter((other) => other !== room && other !== "*")]);
  expect(circles(merged)).toEqual([]);
});

test("no file imports itself through others", () => {
  expect(circles(imports)).toEqual([]);
});

test("a circle is found", () => {
  expect(
    circles(
      new Map([
        ["a", ["b"]],
        ["b", ["c"]],
        ["c", ["b"]],
      ]),
    ),
  ).toEqual([["b", "c", "b"]]);
});

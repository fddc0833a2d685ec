// Winograd's convolution in both sizes of tiles, on every convolution that it takes: within the bound that is derived from its transforms, and
// beyond it when a coefficient is wrong.
import { expect, test } from "vitest";
import { openEngine } from "../src/engine/engine.ts";
import { compareWithReference } from "../src/verify/judge.ts";
import { planFor, Session } from "../src/engine/session.ts";
import { Graph } from "../src/graph/graph.ts";
import { cases } from "../src/kernels/cases/index.ts";
import { concat, slice } from "../src/ops/concat.ts";
import { conv2d, conv2dBackwardData } from "../src/ops/conv2d.ts";
import { testPlatform } from "./support/adapter.ts";
import { testEngine } from "./support/engine.ts";

const names = ["conv2d", "conv2dBackwardData"] as const;
const tunings = [{ TILE: 2 }, { TILE: 4 }];
const runs = names.flatMap((name) => tunings.map((tuning) => ({ name, tuning })));

test.each(runs)("$name in tiles of $tuning.TILE", async ({ name, tuning }) => {
  const engine = await testEngine();
  const ran: string[] = [];
  for (const [title, tested] of Object.entries(cases[name])) {
    const verdict = await compareWithReference(engine, name, tested, "winograd", tuning);
    if (!verdict) continue;
    ran.push(title);
    expect(verdict.ratio, title).toBeLessThanOrEqual(1);
    expect(verdict.ratio, title).toBeGreaterThan(0);
  }
  expect(ran).toEqual(expect.arrayContaining(["control: 3 x 3", "one pixel", "outputs between tiles"]));
});

test.each([
  { TILE: 2, file: "lib/winograd-2.wgsl", right: "d[1] - d[3]", wrong: "d[1] - 0.99 * d[3]" },
  { TILE: 4, file: "lib/winograd-4.wgsl", right: "5 * d[3]", wrong: "4.95 * d[3]" },
  { TILE: 4, file: "lib/winograd-4.wgsl", right: "(1.0 / 24) * g[0]", wrong: "(1.0 / 25) * g[0]" },
])("a wrong coefficient is found in tiles of $TILE: $wrong", async ({ TILE, file, right, wrong }) => {
  const platform = await testPlatform();
  const spoilt = (name: string): string => {
    const text = platform.shader(name);
    return name === file ? text.replace(right, wrong) : text;
  };
  expect(spoilt(file)).not.toBe(platform.shader(file));
  const engine = await openEngine({ ...platform, shader: spoilt });
  try {
    const verdict = await compareWithReference(engine, "conv2d", cases.conv2d["control: 3 x 3"], "winograd", { TILE });
    expect(verdict?.ratio).toBeGreaterThan(1);
  } finally {
    engine.dispose();
  }
});

function convolution(): Graph {
  const graph = new Graph();
  const y = graph.add(
    conv2d,
    { x: graph.input("x", [4, 14, 14, 32]), filter: graph.input("filter", [1, 3, 3, 32, 32]) },
    { stride: 1, pad: 1 },
    "conv",
  ).y;
  graph.output("y", y);
  return graph;
}

test("only a session with fast math has the family, whatever a table says", async () => {
  const engine = await testEngine();
  const tuned = () => ({ family: "winograd" as const, tuning: { TILE: 2 } });
  const familiesOf = (options: Parameters<typeof planFor>[2]) => [
    ...new Set(planFor(engine, convolution(), options).launches.map(({ family }) => family)),
  ];
  expect(familiesOf({})).not.toContain("winograd");
  expect(familiesOf({ tuned })).not.toContain("winograd");
  expect(familiesOf({ math: "exact", tuned })).not.toContain("winograd");
  expect(familiesOf({ math: "fast" })).toEqual(["winograd"]);
  expect(familiesOf({ math: "fast", tuned })).toEqual(["winograd"]);
});

test("a scratch that would be too large for a binding is worked on in parts", async () => {
  const engine = await testEngine();
  const x = Float32Array.from({ length: 4 * 14 * 14 * 32 }, (_, i) => Math.sin(i));
  const filter = Float32Array.from({ length: 9 * 32 * 32 }, (_, i) => Math.cos(i));
  const results: Float32Array[] = [];
  for (const maxBindingBytes of [2 ** 27, 2 ** 18]) {
    const session = await Session.open(engine, convolution(), { math: "fast", target: { maxBindingBytes, cpu: false } });
    session.feed("x", x);
    session.feed("filter", filter);
    session.run();
    results.push(await session.read("y"));
    const parts = session.plan.launches.filter(({ shader }) => shader.name.startsWith("winograd-input")).length;
    expect(parts).toBe(maxBindingBytes === 2 ** 27 ? 1 : 2);
    session.dispose();
  }
  expect(results[1]).toEqual(results[0]);
});

/** Results side by side in one tensor, and read from there, by both passes. */
function parts(): Graph {
  const graph = new Graph();
  const same = { stride: 1, pad: 1 };
  const filter = (name: string, channels: number, outputs: number) => graph.input(name, [1, 3, 3, channels, outputs]);
  const x = graph.input("x", [4, 12, 12, 8]);
  const left = graph.add(conv2d, { x, filter: filter("left", 8, 8) }, same, "left").y;
  const right = graph.add(conv2d, { x, filter: filter("right", 8, 16) }, same, "right").y;
  const joined = graph.add(concat, { x0: left, x1: right }, {}, "joined").y;
  const wide = graph.add(conv2d, { x: joined, filter: filter("wide", 24, 24) }, same, "wide").y;
  const cut = graph.add(slice, { x: wide }, { first: 16, count: 8 }, "cut").y;
  const rest = graph.add(slice, { x: wide }, { first: 0, count: 16 }, "rest").y;
  const forward = graph.add(conv2d, { x: cut, filter: filter("forward", 8, 12) }, same, "forward").y;
  const backward = graph.add(
    conv2dBackwardData,
    { dy: rest, filter: filter("backward", 8, 16) },
    { ...same, height: 12, width: 12 },
    "backward",
  ).dx;
  graph.output("y", graph.add(concat, { x0: backward, x1: forward }, {}, "y").y);
  return graph;
}

test("parts of wider tensors are read and written in place, with the same bits", async () => {
  const engine = await testEngine();
  const results = new Map<string, Float32Array>();
  for (const [name, passes] of [
    ["copied", []],
    ["in place", ["concat-in-place"]],
  ] as const) {
    const graph = parts();
    const session = await Session.open(engine, graph, { math: "fast", passes });
    for (const { name: input, shape } of graph.inputs)
      session.feed(
        input,
        Float32Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => Math.sin(i * i + input.length)),
      );
    session.run();
    results.set(name, await session.read("y"));
    const families = new Set(session.plan.launches.map(({ family }) => family));
    expect([...families].sort()).toEqual(name === "copied" ? expect.arrayContaining(["winograd"]) : ["winograd"]);
    session.dispose();
  }
  expect(results.get("in place")).toEqual(results.get("copied"));
  expect(results.get("copied")?.some((value) => value !== 0)).toBe(true);
});

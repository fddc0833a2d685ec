import { describe, expect, test } from "vitest";
import { parseResults } from "../results-file.ts";
import type { Comparison } from "./compare.ts";
import { ratioTable, rowOf, withPeers, type NetworkResult, type Run } from "./results.ts";

const timed: Comparison = {
  what: "inference",
  peer: "swift",
  verdict: "timed",
  difference: 2e-6,
  first: { oursMs: 3000, peerMs: 500 },
  rounds: [
    { oursMs: 100, peerMs: 50 },
    { oursMs: 300, peerMs: 60 },
    { oursMs: 120, peerMs: 48 },
  ],
};
const wrong: Comparison = {
  what: "training",
  peer: "sloppy",
  verdict: "wrong",
  why: "differs from ours",
  difference: Infinity,
  first: null,
  rounds: [],
};
const network: NetworkResult = {
  net: "alexnet",
  comparisons: [timed, wrong],
  runtimes: { ours: { versions: { webgpu: "0.6.2" }, adapter: "llvmpipe" } },
  takenByOthers: 0,
};
const run: Run = {
  date: "2026-11-24 13:05Z",
  commit: "e1452f5",
  command: "bench/peers/main.ts",
  batch: 4,
  system: "linux x64, node 20",
  processor: { model: "AMD EPYC", cores: 2 },
  networks: [network],
};

describe("rowOf", () => {
  test("the ratio is the median of each round's own ratio, not the ratio of medians", () => {
    expect(rowOf("alexnet", timed)).toEqual({
      net: "alexnet",
      what: "inference",
      peer: "swift",
      oursMs: 120,
      peerMs: 50,
      ratio: 0.4,
      lowestRatio: 0.2,
      highestRatio: 0.5,
    });
  });

  test("there is none for a comparison without rounds", () => {
    expect(rowOf("alexnet", wrong)).toBeNull();
  });
});

describe("ratioTable", () => {
  test("a peer that computes something else shows its verdict and no time", () => {
    const [header, first, second] = ratioTable([network]).split("\n");
    expect(header).toContain("peer / ours");
    expect(first).toMatch(/swift +120 +50\.0 +0\.40 +0\.20 +0\.50 +3\.0 +0\.5 +2\.0e-6/);
    expect(second).toMatch(/sloppy +- +- +wrong +- +-/);
  });
});

describe("withPeers", () => {
  test("what a results file holds beside its peers stays", () => {
    const before = { date: "2026-01-01", runs: [{ inferMs: 1 }], peers: { date: "old" } };
    const after = JSON.parse(withPeers(JSON.stringify(before), run)) as Record<string, unknown>;
    expect(after).toMatchObject({ date: "2026-01-01", runs: [{ inferMs: 1 }], peers: { date: "2026-11-24 13:05Z" } });
  });

  test("the page of results reads what is filed", () => {
    const { peers } = parseResults(JSON.parse(withPeers(null, run)), "adapter.json");
    expect(peers?.networks[0].comparisons.map(({ peer, difference }) => [peer, difference])).toEqual([
      ["swift", 2e-6],
      ["sloppy", null],
    ]);
  });

  test("a new file holds the run alone; a list is refused", () => {
    expect(Object.keys(JSON.parse(withPeers(null, run)) as object)).toEqual(["peers"]);
    expect(() => withPeers("[]", run)).toThrow(/not a JSON object/);
  });
});

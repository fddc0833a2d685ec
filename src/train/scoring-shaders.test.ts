// The shader files of a browser's first load, compared with every plan of scoring: none is missing, none is there that no plan links.
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import * as halves from "../engine/halves.ts";
import { link } from "../engine/linker.ts";
import { problemsOf } from "../engine/lowering.ts";
import { plan } from "../engine/planner.ts";
import { candidates, familiesFor } from "../kernels/choose.ts";
import { kernels } from "../kernels/index.ts";
import { FAMILIES } from "../kernels/kernel.ts";
import { networks } from "../models/index.ts";
import { optimise } from "../passes/index.ts";
import { shaderText } from "../platform/node.ts";
import { UnknownShader } from "../platform/platform.ts";
import { inferenceGraph, scoringGraph } from "./graphs.ts";
import { ADAPTERS } from "../kernels/adapters.ts";
import { scoringShaders, scoringVariants, variantOf, type LinkedVariant } from "./scoring-shaders.ts";

const WIDTHS = [1, 1 / 2, 1 / 4, 1 / 8];
const BATCHES = Array.from({ length: 32 }, (_, i) => i + 1);
const MAKE = { scoring: scoringGraph, inference: inferenceGraph };

const first = scoringShaders(shaderText);
/** A page on a software adapter fetches the others, too. */
const GPUS = Object.entries(ADAPTERS).filter(([, { cpu }]) => !cpu);

/** Reads the files of `names` alone, as a browser does before it has fetched the others. */
const readOnly =
  (names: readonly string[]) =>
  (name: string): string => {
    if (!names.includes(name)) throw new UnknownShader(name, names);
    return shaderText(name);
  };

describe("the default choice of kernels", () => {
  let variants: LinkedVariant[];

  beforeAll(() => {
    const small = [4, 8, 16, 32, 64].map((subgroupSize) => ({ ...ADAPTERS["WebGPU's default limits"], subgroupSize }));
    const targets = GPUS.map(([, target]) => target);
    variants = [
      ...scoringVariants({ targets, widths: WIDTHS, batches: BATCHES, classes: [1000] }),
      ...scoringVariants({ targets: [...targets, ...small], widths: [1, 1 / 8], batches: [1, 4, 17], classes: [2, 3, 5, 10, 999] }),
    ];
  });

  test("links with the first load's files alone: both networks, every width, batches 1 to 32", () => {
    expect(variants.length).toBeGreaterThan(25);
    for (const { shader, variant } of variants) link(shader, variant, readOnly(first));
  });

  test.each(first)("misses %s where it is taken out", (name) => {
    const left = readOnly(first.filter((other) => other !== name));
    const linkAll = (): void => variants.forEach(({ shader, variant }) => link(shader, variant, left));
    expect(linkAll).toThrow(`"${name}": not in shaders/`);
  });

  test.each(GPUS)("links with them in whole plans on %s, stored in 32 and in 16 bits", (_, target) => {
    let halved = 0;
    for (const network of Object.values(networks))
      for (const width of WIDTHS)
        for (const batch of [1, 32])
          for (const storage of [{}, { halves }]) {
            const { launches } = plan(optimise(scoringGraph({ network, width, batch, classes: 1000 }).graph), {
              target,
              families: familiesFor(target),
              maxBufferBytes: 2 ** 31,
              ...storage,
              link: ({ shader, slots = {}, params = {} }, packed) =>
                link(shader, { slots, params, ...(packed && { halves: packed }) }, readOnly(first), halves),
            });
            halved += launches.filter(({ shader }) => shader.name.includes("halves=")).length;
          }
    expect(halved).toBeGreaterThan(100);
  });
});

test("every family and tunable of every family, the fast ones too, links with all files", () => {
  const linked = new Set<string>();
  for (const network of Object.values(networks))
    for (const width of [1, 1 / 8])
      for (const batch of [1, 32])
        for (const make of Object.values(MAKE))
          for (const target of Object.values(ADAPTERS))
            for (const problem of problemsOf(optimise(make({ network, width, batch, classes: 1000 }).graph)))
              for (const { lowering } of candidates(problem, kernels, FAMILIES, target))
                for (const launch of lowering.launches) {
                  const { shader, variant } = variantOf(launch);
                  const key = JSON.stringify(variant);
                  if (linked.has(shader + key)) continue;
                  linked.add(shader + key);
                  link(shader, variant, shaderText);
                }
  expect([...linked].some((name) => name.startsWith("winograd-input.wgsl"))).toBe(true);
});

test("the products of software adapters are not in the first load", () => {
  expect(first.filter((name) => /gemm-(quad|subgroup)/.test(name))).toEqual([]);
});

test("most of shaders/ is not in the first load", () => {
  const folder = fileURLToPath(new URL("../../shaders/", import.meta.url));
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".wgsl"));
  expect(first.length).toBeLessThan(files.length / 2);
});

// Runs the cases of an op on the GPU and holds every family against the op's float64 definition.
import { describe, expect, test } from "vitest";
import type { Engine } from "../../src/engine/engine.ts";
import { compareWithReference, graphOf, type Verdict } from "../../src/verify/judge.ts";
import type { Case } from "../../src/kernels/cases/case.ts";
import { candidates } from "../../src/kernels/choose.ts";
import { allKernels } from "../../src/kernels/all.ts";
import type { KernelName } from "../../src/kernels/index.ts";
import { FAMILIES, type Family, type Target, type Tuning } from "../../src/kernels/kernel.ts";
import { ops } from "../../src/ops/index.ts";
import { testEngine } from "./engine.ts";

/** Cases of which the first that a tunable accepts is tried, before the control: what divides unevenly into tiles. */
const UNEVEN = ["as AlexNet conv2: two groups", "outputs between tiles", "as a classifier of ImageNet", "rows that half fill a tile"];

/** One test a case, over all families that accept it, one that every family of the op has run somewhere, and one of all tunables. */
export function checkOp(name: KernelName, cases: Readonly<Record<string, Case>>): void {
  describe(name, () => {
    const offered = FAMILIES.filter((family) => family in allKernels[name]);
    const judged = new Map<string, Promise<Verdict[]>>();

    /** The verdicts of a case on all families that accept it, made once, whichever test asks first. */
    const verdictsOf = (title: string): Promise<Verdict[]> => {
      const known = judged.get(title) ?? judge(name, cases[title], offered);
      judged.set(title, known);
      return known;
    };

    test.each(Object.entries(cases))("%s", async (title, tested) => {
      const verdicts = await verdictsOf(title);
      for (const verdict of verdicts) {
        expect(verdict.ratio, describeVerdict(verdict)).toBeLessThanOrEqual(1);
        expect(verdict.elements).toBeGreaterThan(0);
        if (tested.target?.maxBindingBytes !== undefined) expect(verdict.windows, "launches on windows").toBeGreaterThan(1);
      }
      expect(verdicts.map(({ family }) => family)).toContain("textbook");
    });

    test("every family ran", { timeout: 600_000 }, async ({ annotate }) => {
      const { target } = await testEngine();
      const verdicts: { readonly title: string; readonly verdict: Verdict }[] = [];
      for (const title of Object.keys(cases)) verdicts.push(...(await verdictsOf(title)).map((verdict) => ({ title, verdict })));
      const possible = offered.filter((family) => !["subgroup", "quad"].includes(family) || target.subgroupSize >= 4);
      expect([...new Set(verdicts.map(({ verdict }) => verdict.family))].sort()).toEqual([...possible].sort());
      const worst = verdicts.reduce((a, b) => (b.verdict.ratio > a.verdict.ratio ? b : a));
      await annotate(`worst of ${verdicts.length} runs: ${worst.title}, ${describeVerdict(worst.verdict)}`);
    });

    const tuned = offered.filter((family) => allKernels[name].tunings?.[family]);
    test.skipIf(tuned.length === 0)("every tunable of every family is right", { timeout: 600_000 }, async ({ annotate }) => {
      const engine = await testEngine();
      const [control] = Object.keys(cases);
      const tried = [...UNEVEN, control].flatMap((title) => (title in cases ? [cases[title]] : []));
      let runs = 0;
      for (const family of tuned) {
        // Processors are offered less than GPUs, but for what runs well on them only.
        const target = { cpu: family === "subgroup" };
        const tunings = tried.flatMap((tested) => tuningsOf(engine, name, tested, family, target));
        for (const [key, tuning] of new Map([undefined, ...tunings].map((one) => [JSON.stringify(one) ?? "its own rule", one]))) {
          let ran = 0;
          for (const tested of tried) {
            const verdict = await compareWithReference(
              engine,
              name,
              { ...tested, target: { ...tested.target, ...target } },
              family,
              tuning,
            );
            if (!verdict) continue;
            ran++;
            expect(verdict.ratio, `${key}: ${describeVerdict(verdict)}`).toBeLessThanOrEqual(1);
            // A driver takes seconds for each variant of each tile: a tunable runs on one case, a family's own rule on all.
            if (tuning) break;
          }
          expect(ran, `${family} ${key} accepts one of ${tried.length} cases`).toBeGreaterThan(0);
          runs += ran;
        }
      }
      await annotate(`${runs} runs`);
    });
  });
}

async function judge(name: KernelName, tested: Case, families: readonly Family[]): Promise<Verdict[]> {
  const engine = await testEngine();
  const verdicts: Verdict[] = [];
  for (const family of families) {
    const verdict = await compareWithReference(engine, name, on(family, tested), family);
    if (verdict) verdicts.push(verdict);
  }
  return verdicts;
}

/** The case as a family takes it: quads are chosen where subgroups have four lanes, and run in any larger subgroup. */
const on = (family: Family, tested: Case): Case =>
  family === "quad" ? { ...tested, target: { ...tested.target, subgroupSize: 4 } } : tested;

/** What a family offers a tuner for a case. */
function tuningsOf(engine: Engine, name: KernelName, tested: Case, family: Family, target: Partial<Target>): Tuning[] {
  const { graph } = graphOf(ops[name], tested);
  return graph.nodes.flatMap((node) =>
    candidates({ node }, allKernels, [family], { ...engine.target, ...tested.target, ...target }).flatMap(({ tuning }) =>
      tuning ? [tuning] : [],
    ),
  );
}

const describeVerdict = ({ family, output, index, worstError, bound, ratio }: Verdict): string =>
  `${family}: ${output}[${index}] errs by ${worstError.toExponential(2)}, ${bound.toExponential(2)} is allowed: ${ratio.toPrecision(3)} of its bound`;

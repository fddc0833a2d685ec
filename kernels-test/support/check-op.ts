// Runs the cases of an op on the GPU and holds every family against the op's float64 definition.
import { describe, expect, test } from "vitest";
import { compareWithReference, type Verdict } from "../../src/engine/judge.ts";
import type { Case } from "../../src/kernels/cases/case.ts";
import { kernels, type KernelName } from "../../src/kernels/index.ts";
import { FAMILIES, type Family } from "../../src/kernels/kernel.ts";
import { testEngine } from "./engine.ts";

/** One test a case, over all families that accept it, and one that every family of the op has run somewhere. */
export function checkOp(name: KernelName, cases: Readonly<Record<string, Case>>): void {
  describe(name, () => {
    const offered = FAMILIES.filter((family) => family in kernels[name]);
    const verdicts: { readonly title: string; readonly verdict: Verdict }[] = [];

    test.each(Object.entries(cases))("%s", async (title, tested) => {
      const engine = await testEngine();
      const ran: Family[] = [];
      for (const family of offered) {
        const verdict = await compareWithReference(engine, name, tested, family);
        if (!verdict) continue;
        ran.push(family);
        verdicts.push({ title, verdict });
        expect(verdict.ratio, describeVerdict(verdict)).toBeLessThanOrEqual(1);
        expect(verdict.elements).toBeGreaterThan(0);
        if (tested.target?.maxBindingBytes !== undefined) expect(verdict.windows, "launches on windows").toBeGreaterThan(1);
      }
      expect(ran).toContain("textbook");
    });

    test("every family ran", async ({ annotate }) => {
      const { target } = await testEngine();
      const possible = offered.filter((family) => family !== "subgroup" || target.subgroupSize > 0);
      expect([...new Set(verdicts.map(({ verdict }) => verdict.family))].sort()).toEqual([...possible].sort());
      const worst = verdicts.reduce((a, b) => (b.verdict.ratio > a.verdict.ratio ? b : a));
      await annotate(`worst of ${verdicts.length} runs: ${worst.title}, ${describeVerdict(worst.verdict)}`);
    });
  });
}

const describeVerdict = ({ family, output, index, worstError, bound, ratio }: Verdict): string =>
  `${family}: ${output}[${index}] errs by ${worstError.toExponential(2)}, ${bound.toExponential(2)} is allowed: ${ratio.toPrecision(3)} of its bound`;

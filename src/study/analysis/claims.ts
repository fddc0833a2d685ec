// The claims of the paper's abstract (arXiv 1710.03823), one by one, on this cohort. The abstract does not define its scoring; the rules of these verdicts are this project's.
import type { Claim, Comparison, Contrast, ModelAnalysis, ModelName, Verdict } from "./result.ts";
import { difference, digits3, pSentence } from "../numbers.ts";

const ALPHA = 0.05;

/** `pairs` may hold a pair either way round. */
export function claimsOf(models: readonly ModelAnalysis[], contrasts: readonly Contrast[], pairs: readonly Comparison[]): Claim[] {
  const plain = new Set(models.filter(({ augmented }) => !augmented).map(({ model }) => model));
  const unaugmented = ({ first, second }: Contrast): boolean => [first, second].every((model) => model === null || plain.has(model));
  return [
    bestClaim(models, pairs),
    direction(
      "Augmentation increased accuracy for all networks (p < 0.001).",
      contrasts.filter(({ kind }) => kind === "augmentation"),
    ),
    direction(
      "Without augmentation, pretrained networks did better than untrained ones (p < 0.001).",
      contrasts.filter((contrast) => contrast.kind === "pretraining" && unaugmented(contrast)),
    ),
    direction(
      "The best GoogLeNet did better than the best AlexNet (AUC 1.00 against 0.95, p = 0.01).",
      contrasts.filter(({ kind }) => kind === "network"),
    ),
  ];
}

const papersBest = ({ network, pretrained, augmented }: ModelName): boolean => network === "googlenet" && pretrained && augmented;

/** Holds where its area is the largest; in part where the paired test, unadjusted, does not separate a larger one from it. */
function bestClaim(models: readonly ModelAnalysis[], pairs: readonly Comparison[]): Claim {
  const claim = "The pretrained and augmented GoogLeNet was the best of the eight models (AUC 1.00).";
  const candidate = models.find(papersBest);
  if (!candidate || models.length < 2)
    return { claim, verdict: "not tested", evidence: "The study does not contain this model and others to compare it with." };
  const own = `Its area here is ${digits3(candidate.auc.value)}`;
  const best = models.reduce((a, b) => (b.auc.value > a.auc.value ? b : a));
  if (candidate.auc.value >= best.auc.value) {
    const equals = models
      .filter(({ auc, model }) => auc.value === candidate.auc.value && model !== candidate.model)
      .map(({ model }) => model);
    const shared = equals.length > 0 ? `, shared with ${equals.join(", ")}` : "";
    const apart = pairs.filter(({ first, second, holm }) => [first, second].includes(candidate.model) && holm < ALPHA).length;
    return {
      claim,
      verdict: "holds",
      evidence: `${own}, the largest of ${models.length}${shared}; significantly different from ${apart} of the others (p < 0.05 after Holm's adjustment over all pairs).`,
    };
  }
  const pair = pairs.find(({ first, second }) => [first, second].includes(candidate.model) && [first, second].includes(best.model));
  const told = pair !== undefined && pair.p < ALPHA;
  return {
    claim,
    verdict: told ? "does not hold" : "holds in part",
    evidence: `${own}; the largest is ${digits3(best.auc.value)} (${best.model})${pair ? `, ${told ? "significantly" : "not significantly"} different by DeLong's test, ${pSentence(pair.p)} unadjusted` : ""}.`,
  };
}

/** The verdict of the contrasts together, at 0.05 after Holm's adjustment over all nine. */
function direction(claim: string, contrasts: readonly Contrast[]): Claim {
  const tests = contrasts.flatMap(({ test }) => test ?? []);
  if (tests.length === 0) return { claim, verdict: "not tested", evidence: "The study does not contain the models to compare." };
  const count = (of: (test: Comparison) => boolean): number => tests.filter(of).length;
  const forIt = count((test) => test.holm < ALPHA && test.difference > 0);
  const against = count((test) => test.holm < ALPHA && test.difference < 0);
  const verdict = verdictOf(tests.length, forIt, against);
  const each = tests.map((test) => `${test.first} less ${test.second} ${difference(test.difference)} (${pSentence(test.holm)} by Holm)`);
  const missing =
    contrasts.length > tests.length ? ` ${contrasts.length - tests.length} of ${contrasts.length} comparisons are not in this study.` : "";
  const ahead = count((test) => test.difference > 0);
  return {
    claim,
    verdict,
    evidence: `${forIt} of ${tests.length} significant in this direction, ${against} in the other; ${ahead} of ${tests.length} areas are larger. ${each.join("; ")}.${missing}`,
  };
}

function verdictOf(tests: number, forIt: number, against: number): Verdict {
  if (forIt === tests) return "holds";
  if (against === tests) return "reversed";
  return forIt > 0 && against === 0 ? "holds in part" : "does not hold";
}

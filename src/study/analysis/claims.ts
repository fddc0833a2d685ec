// The claims of the paper's abstract (arXiv 1710.03823), one by one, on this cohort, over the means of the seeds whose runs learned. It says
// nothing of how it scored; these verdicts' rules are ours.
import { holm } from "../../statistics/holm.ts";
import type { ArmContrast, Claim, ModelName, Verdict } from "./result.ts";
import { difference, digits3, pSentence } from "../numbers.ts";
import { ALPHA, compareArms, ONE_SEED, type Arm, type Arms } from "./arms.ts";

export function claimsOf(arms: Arms, contrasts: readonly ArmContrast[]): Claim[] {
  const plain = new Set(arms.arms.filter(({ name }) => !name.augmented).map(({ name }) => name.model));
  const unaugmented = ({ first, second }: ArmContrast): boolean => [first, second].every((model) => model === null || plain.has(model));
  return [
    bestClaim(arms),
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

/**
 * Holds where its mean is above each other one's with p < 0.05 (Holm over these tests), does not hold where one is above it so. Arms of which
 * no two runs learned are not compared.
 */
function bestClaim(all: Arms): Claim {
  const claim = "The pretrained and augmented GoogLeNet was the best of the eight models (AUC 1.00).";
  const { arms, tested, seeds } = all;
  const candidate = arms.find(({ name }) => papersBest(name));
  const others = arms.filter((arm) => arm !== candidate);
  if (!candidate || others.length === 0)
    return { claim, verdict: "not tested", evidence: "The study does not hold this model and others to compare it with." };
  if (tested === null || candidate.runs.length === 0) return { claim, verdict: "not judged", evidence: "No run of this model learned." };
  const mean = ({ curves }: Arm): number => curves.reduce((sum, k) => sum + tested.aucs[k], 0) / curves.length;
  const best = arms.filter(({ runs }) => runs.length > 0).reduce((a, b) => (mean(b) > mean(a) ? b : a));
  const own =
    `Its ${candidate.runs.length === 1 ? "area" : "mean area"} here is ${digits3(mean(candidate))}` +
    (mean(candidate) >= mean(best) ? ", the largest" : `; the largest is ${digits3(mean(best))} (${best.name.model})`);
  if (seeds === 1) return { claim, verdict: "not judged", evidence: `${own}. ${ONE_SEED.replace("one", "One")}.` };
  const compared = others.flatMap((arm) => {
    const test = compareArms(all, candidate, arm);
    return test ? [{ arm, test }] : [];
  });
  if (compared.length === 0) return { claim, verdict: "not judged", evidence: `${own}. Too few runs learned to compare it with another.` };
  const adjusted = holm(compared.map(({ test }) => test.p));
  const above = compared.filter(({ test }, i) => adjusted[i] < ALPHA && test.difference > 0);
  const below = compared.filter(({ test }, i) => adjusted[i] < ALPHA && test.difference < 0);
  const told =
    below.length > 0
      ? `; below ${below.map(({ arm }) => arm.name.model).join(" and ")} (p < 0.05 by Holm)`
      : `; above ${above.length} of ${compared.length} others with p < 0.05 by Holm`;
  const verdict = below.length > 0 ? "does not hold" : above.length === compared.length ? "holds" : "not decided";
  return { claim, verdict, evidence: `${own}${told}.` };
}

/** What the contrasts say together, at 0.05 after Holm's adjustment over all nine. */
function direction(claim: string, contrasts: readonly ArmContrast[]): Claim {
  const present = contrasts.filter(({ verdict }) => verdict !== "not tested");
  if (present.length === 0) return { claim, verdict: "not tested", evidence: "The study does not hold the models that this compares." };
  const missing = contrasts.length - present.length;
  const reasons = new Set(present.map(({ reason }) => reason));
  // A reason that all share is given once.
  const shared = reasons.size === 1 ? [...reasons][0] : undefined;
  const each = present.map(({ first, second, difference: of, test, reason }) => {
    const value = of.value === null ? "" : ` ${difference(of.value)}`;
    const why = test ? ` (${pSentence(test.holm)} by Holm)` : reason === undefined || reason === shared ? "" : ` (${reason})`;
    return `${first} \u2212 ${second}${value}${why}`;
  });
  const count = (verdict: Verdict): number => present.filter((contrast) => contrast.verdict === verdict).length;
  const without = present.flatMap(({ leftOut }) => leftOut.map(({ model, seed }) => `${model}, seed ${seed}`));
  return {
    claim,
    verdict: together(present.length, count),
    evidence:
      (shared === undefined ? `${tallyOf(present.length, count)}. ` : `${capital(shared)}. `) +
      `${each.join("; ")}.` +
      (without.length > 0 ? ` Without runs that did not learn: ${[...new Set(without)].join("; ")}.` : "") +
      (missing > 0 ? ` ${missing} of ${contrasts.length} comparisons are not in this study.` : ""),
  };
}

const capital = (text: string): string => text[0].toUpperCase() + text.slice(1);

/** "3 of 4 hold, 1 is not decided" */
function tallyOf(contrasts: number, count: (verdict: Verdict) => number): string {
  const others = (["does not hold", "not decided", "not judged"] as const).flatMap((verdict) => {
    const own = count(verdict);
    if (own === 0) return [];
    return verdict === "does not hold" ? `${own} ${own === 1 ? "does" : "do"} not` : `${own} ${own === 1 ? "is" : "are"} ${verdict}`;
  });
  return [`${count("holds")} of ${contrasts} hold`, ...others].join(", ");
}

function together(contrasts: number, count: (verdict: Verdict) => number): Verdict {
  if (count("not judged") === contrasts) return "not judged";
  if (count("does not hold") > 0) return "does not hold";
  if (count("holds") === contrasts) return "holds";
  return count("holds") > 0 ? "holds in part" : "not decided";
}

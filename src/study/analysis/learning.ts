// Did a training run learn? One that did not is no model: its area is that of a network that says one thing of all cases, whatever its arm.
import type { RunAnalysis } from "./result.ts";
import { auc } from "../../statistics/roc.ts";
import { counted, digits3, percent } from "../numbers.ts";
import type { JudgedModel } from "./input.ts";
import { validationLoss } from "./model.ts";

/** By how much the loss has to fall below that of equal probabilities, ln(classes). */
const MARGIN = 0.02;
/** Share of a layer's units from which on it passes on next to nothing. */
const DEAD = 0.9;

/** The limits are ours: a run stuck at the start has a loss of ln(classes) to three digits, and one score for most cases. */
export function runAnalysis(judged: JudgedModel, classes: number): RunAnalysis {
  const { name, seed, val, test, training } = judged;
  const loss = training?.lowestValidationLoss ?? validationLoss(val);
  const deadShare = training?.deadShare ?? null;
  const distinctScores = new Set(test.scores).size;
  const chance = Math.log(classes);
  return {
    model: name.model,
    seed,
    auc: auc(test.scores, test.labels),
    validationLoss: loss,
    distinctScores,
    cases: test.cases.length,
    deadShare,
    faults: [
      ...(loss > chance - MARGIN ? [`its validation loss never fell below ${digits3(loss)}, and chance is ${digits3(chance)}`] : []),
      ...(2 * distinctScores < test.cases.length
        ? [`it has ${counted(distinctScores, "distinct score")} for ${counted(test.cases.length, "case")}`]
        : []),
      ...(deadShare !== null && deadShare >= DEAD ? [`${percent(deadShare)} of the units of a layer are dead`] : []),
    ],
  };
}

// The decision curve: what acting on a model's probabilities is worth, in true positives per case; Vickers & Elkin 2006, Med Decis Making 26:565.
import type { Numbers } from "./roc.ts";

/**
 * (true positives - false positives threshold / (1 - threshold)) / cases when probability >= threshold is acted on. The threshold says how
 * many false alarms one found positive is worth: 0.1 is nine. Throws outside (0, 1).
 */
export function netBenefit(probabilities: Numbers, labels: Numbers, threshold: number): number {
  if (!(threshold > 0 && threshold < 1)) throw new Error(`netBenefit: wants a threshold in (0, 1), got ${threshold}`);
  const odds = threshold / (1 - threshold);
  let benefit = 0;
  for (let i = 0; i < labels.length; i++) if (probabilities[i] >= threshold) benefit += labels[i] === 1 ? 1 : -odds;
  return benefit / labels.length;
}

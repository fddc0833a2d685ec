// The cases of one split, scored by a trained network as the study names and labels them.
import type { Dataset } from "../../dataset/dataset.ts";
import type { Split } from "../../dataset/manifest.ts";
import { scoreCases } from "../../train/evaluate.ts";
import type { Scorer } from "../../train/scorer.ts";
import type { ScoredCase } from "../analysis/result.ts";
import { scored } from "../predictions.ts";

/** `mirrored`: the class that each becomes in a mirrored slice, which is then scored as well. Throws where the split has no image. */
export async function scoreSplit(scorer: Scorer, data: Dataset, split: Split, mirrored?: readonly number[]): Promise<ScoredCase[]> {
  const scores = await scoreCases(scorer, data.images(split), { mirrored });
  return scores.map(({ case: at, label, p }) => scored(data.cases[at].index, data.classes[label], p));
}

// The protocol of a study: a frozen value, fixed and hashed before the first case is drawn, written beside the results.
// The paper (arXiv 1710.03823) tells little of its settings; everything here is ours.
import type { Job } from "../train/run-folder.ts";
import type { Policy } from "../train/job.ts";
import { sha256Hex } from "../tensor/sha256.ts";

export interface Arm {
  /** Names the arm's folder. */
  readonly name: string;
  readonly network: string;
  readonly rate: number;
  readonly policy: Policy;
  readonly epochs: number;
}

export interface Protocol {
  readonly format: "striatum-study-1";
  /** Synthetic: drawn by src/phantoms, never patients. */
  readonly cohort: { readonly kind: "quick"; readonly cases: number; readonly seed: number };
  readonly arms: readonly Arm[];
  /** Share of the papers' channels, and side of the networks' input: a quick study uses small ones and says so. */
  readonly width: number;
  readonly size: number;
  readonly batch: number;
  readonly seed: number;
  readonly slices: number;
  readonly windowHu: { readonly centerHu: number; readonly widthHu: number };
  /** Weights start as msra's law says, on pixels scaled to about unit deviation: a short run from the papers' fillers stays at the start. */
  readonly filling: "msra";
  readonly pixelScale: number;
  readonly mirror: boolean;
  /** The case score is the mean over its slices of the probability of hemorrhage. */
  readonly caseScore: "mean over slices";
  /** Of the runs' epochs, the one with the lowest loss on the validation cases is judged, once, on the test cases. */
  readonly choice: "lowest validation loss";
}

export interface QuickOptions {
  readonly cases: number;
  readonly seed: number;
  /** Of AlexNet. GoogLeNet, which leaves the class prior late, gets five thirds of it. */
  readonly epochs: number;
}

/** Both networks from their fillers, at a quarter of the channels and 64 pixels a side, in minutes on two cores. */
export function quickProtocol({ cases, seed, epochs }: QuickOptions): Protocol {
  return Object.freeze<Protocol>({
    format: "striatum-study-1",
    cohort: { kind: "quick", cases, seed },
    arms: [
      { name: "alexnet", network: "alexnet", rate: 0.002, policy: "poly", epochs },
      { name: "googlenet", network: "googlenet", rate: 0.0025, policy: "fixed", epochs: Math.round((epochs * 5) / 3) },
    ],
    width: 0.25,
    size: 64,
    batch: 8,
    seed,
    slices: 3,
    windowHu: { centerHu: 40, widthHu: 80 },
    filling: "msra",
    pixelScale: 1 / 64,
    mirror: true,
    caseScore: "mean over slices",
    choice: "lowest validation loss",
  });
}

/** Sixteen hexadecimal digits that change with anything in the protocol. */
export const hashProtocol = (protocol: Protocol): string => sha256Hex(JSON.stringify(protocol), 16);

/** The protocol as a run folder's job, so that a folder of another protocol is refused. */
export const asJob = (protocol: Protocol): Job => JSON.parse(JSON.stringify(protocol)) as Job;

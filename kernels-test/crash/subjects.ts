// What the crash run kills: a training, and a study whose jobs two processes share. Both are small, so that a kill costs seconds.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { argumentsFor } from "../support/run-cli.ts";
import type { Subject } from "./chain.ts";

const cli = (...args: readonly string[]): string[] => argumentsFor("src/cli/main.ts", args);

/** Files with times and durations in them. */
const TIMED = /(^|\/)(run\.json|report\.html)$|^cards\//;

export const subjects = (pictures: string): Readonly<Record<"train" | "study", Subject>> => ({
  train: {
    name: "train",
    command: (out) => {
      const resume = existsSync(join(out, "job.json")) ? ["--resume"] : [];
      const network = ["--net", "alexnet", "--width", "1/8", "--size", "64", "--no-mirror", "--batch", "6"];
      return cli("train", ...network, "--data", pictures, "--out", out, "--epochs", "3", "--checkpoint-every", "2", ...resume);
    },
    processes: 1,
    differs: TIMED,
  },
  study: {
    name: "study --jobs 2",
    command: (out) => {
      const models = "alexnet-untrained-plain,alexnet-untrained-augmented";
      return cli(
        "study",
        "--data",
        pictures,
        "--models",
        models,
        "--seeds",
        "0",
        "--iterations",
        "12",
        "--out",
        out,
        "--jobs",
        "2",
        "--quiet",
      );
    },
    processes: 2,
    differs: TIMED,
    lastOfFolder: /\/checkpoints\/step-\d+\.safetensors$/,
  },
});

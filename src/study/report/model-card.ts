// The card of a trained model, in Markdown, beside its weights: what it is, what it was trained and evaluated on, and what it must not be
// used for. After Mitchell et al. 2019, "Model cards for model reporting", arXiv 1810.03993.
import { networkNamed } from "../../models/index.ts";
import { sizeOf } from "../../tensor/shape.ts";
import { scoringGraph } from "../../train/graphs.ts";
import type { ModelAnalysis, Split } from "../analysis/result.ts";
import { findingOf, picturesOf, windowText } from "../finding.ts";
import type { NetworkName, Protocol } from "../protocol.ts";
import { externalRow } from "./external.ts";
import type { ReportInput, RunRecord } from "./input.ts";
import { titleOf } from "./model-title.ts";
import { digits2, digits3, duration, estimate, grouped, interval, proportion, share } from "../numbers.ts";
import { SYNTHETIC_STATEMENT } from "./page.ts";

/** The card of a model of the primary seed. Throws where the study does not hold the model or its run. */
export function modelCard(input: ReportInput, model: string): string {
  const judged = input.analysis.models.find((one) => one.model === model);
  const run = input.runs.find((one) => one.model === model && one.seed === input.analysis.plan.primarySeed);
  if (!judged || !run) throw new Error(`model card: the study has no ${judged ? "run" : "analysis"} of "${model}"`);
  const parts: [title: string, lines: readonly string[]][] = [
    ["What it is", identity(input, judged, run)],
    ["Training data", training(input, judged)],
    ["Evaluation", evaluation(input, judged)],
    ["Intended use", INTENDED],
    ["Out of scope", input.cases.synthetic ? OUT_OF_SCOPE : OUT_OF_SCOPE_OF_A_LIST],
    ["Known failures", failures(input, judged)],
    ["Ethics and privacy", ethics(input)],
    ["Time and machine", effort(input, run)],
    ["How to reproduce it", reproduce(input)],
    ["Contact", ["The issue tracker of the repository that this version comes from."]],
  ];
  const head = [
    `# ${titleOf(judged)}`,
    "",
    "**For research and teaching only. Not for clinical use, not a medical device, never for diagnosis.**",
    ...(input.cases.synthetic ? ["", SYNTHETIC_STATEMENT] : []),
  ];
  return [...head, ...parts.flatMap(([title, lines]) => ["", `## ${title}`, "", ...lines]), ""].join("\n");
}

/** Numbers in all layers of the network as it classifies. */
function parametersOf({ classes, width, size }: Protocol, network: string): number {
  const side = size[network as NetworkName];
  const { parameters } = scoringGraph({ network: networkNamed(network), classes: classes.length, width, size: side, batch: 1 });
  return parameters.reduce((sum, { caffeShape }) => sum + sizeOf(caffeShape), 0);
}

const field = (name: string, value: string): string => `- **${name}**: ${value}`;

function identity({ protocol, provenance }: ReportInput, judged: ModelAnalysis, run: RunRecord): string[] {
  const { title } = networkNamed(judged.network);
  const size = protocol.size[judged.network as NetworkName];
  return [
    field("name", `${judged.model}, seed ${judged.seed}`),
    field("version", `striatum ${provenance.version}, commit ${provenance.commit ?? "not known"}`),
    field("licence", "MIT, like the repository"),
    field(
      "architecture",
      `${title}${protocol.width === 1 ? "" : ` at ${protocol.width} of the paper's channels`}, ${grouped(parametersOf(protocol, judged.network))} parameters`,
    ),
    field(
      "input",
      `${size} x ${size} pixels, 3 equal channels in the order blue, green, red; ${imageText(protocol)} as 0 to 255, minus the mean of the training images, times ${protocol.images.pixelScale}`,
    ),
    field("output", `probabilities of ${protocol.classes.join(", ")}; the score of a case is ${protocol.caseScore}`),
    field("initial weights", judged.initialWeights),
    field("SHA-256 of the weights", `\`${run.weights}\``),
  ];
}

function imageText(protocol: Protocol): string {
  const pictures = picturesOf(protocol);
  if (pictures === "all") return `a picture (${windowText(protocol)})`;
  return pictures === "none"
    ? `a CT slice in a window of ${windowText(protocol).replace(", ", " and ")}`
    : `a CT slice or a picture (${windowText(protocol)})`;
}

function training({ analysis, cases, protocol }: ReportInput, { augmented }: ModelAnalysis): string[] {
  const kind = cases.synthetic ? "synthetic cases" : "cases";
  return [
    cases.source,
    "",
    ...(["train", "val"] as const).map((split) =>
      field(split === "train" ? "trained on" : "chosen on", countsOf(analysis.cohort.counts, split, kind)),
    ),
    field(
      "augmentation",
      augmented ? `${protocol.augmentation.variants} fixed variants of each training image` : "only random crops and mirrors",
    ),
    field("labels", cases.reference),
    field(
      "cases identified by",
      protocol.cohort.kind === "synthetic"
        ? `the generator's seed, ${protocol.cohort.seed}`
        : `the list's hash, ${protocol.cohort.manifest}`,
    ),
  ];
}

function countsOf(counts: ReportInput["analysis"]["cohort"]["counts"], split: Split, kind: string): string {
  const own = counts.filter((row) => row.split === split);
  const byLabel = new Map<string, number>();
  for (const { label, cases } of own) byLabel.set(label, (byLabel.get(label) ?? 0) + cases);
  const strata = own.filter(({ stratum }) => stratum !== "").map(({ label, stratum, cases }) => `${cases} ${label}, ${stratum}`);
  const total = own.reduce((sum, { cases }) => sum + cases, 0);
  return `${total} ${kind} (${[...byLabel].map(([label, cases]) => `${cases} ${label}`).join(", ")})${strata.length > 0 ? `; by stratum: ${strata.join("; ")}` : ""}`;
}

function evaluation({ analysis, cases, external, protocol }: ReportInput, judged: ModelAnalysis): string[] {
  const { short } = findingOf(protocol);
  const { auc, operating, threshold, calibration, spread, subgroups } = judged;
  const rows: [string, string][] = [
    [
      "AUC (DeLong)",
      `${digits3(auc.value)} (${interval(auc.delong)})${auc.perfect ? "; perfect separation, the interval is degenerate" : ""}`,
    ],
    ...externalRow(external, judged.model, judged.seed),
    ["did its run learn?", judged.learned ? "yes" : "no: its numbers are not those of a model"],
    ["AUC over seeds", `mean ${digits3(spread.mean)}, ${digits3(spread.min)} to ${digits3(spread.max)}, ${spread.seeds.length} of them`],
    [`threshold on P(${short}), from validation`, threshold.probability === null ? "none" : digits3(threshold.probability)],
    ["sensitivity (Wilson)", operating ? share(operating.sensitivity) : "not estimable"],
    ["specificity (Wilson)", operating ? share(operating.specificity) : "not estimable"],
    ["accuracy (Wilson)", operating ? share(operating.accuracy) : "not estimable"],
    ["Brier score", digits3(calibration.brier)],
    ["calibration slope", estimate(calibration.slope, digits2)],
    ["calibration in the large", estimate(calibration.inTheLarge, digits2)],
  ];
  return [
    `On ${judged.positives} held-out ${cases.synthetic ? "synthetic " : ""}cases with ${short} and ${judged.negatives} without, with 95 % intervals. ${analysis.cautions.join(" ")}`.trim(),
    "",
    "| measure | value |",
    "| --- | --- |",
    ...rows.map(([name, value]) => `| ${name} | ${value} |`),
    ...(subgroups.length === 0
      ? []
      : [
          "",
          "| subgroup | with / without | AUC | sensitivity | specificity |",
          "| --- | --- | --- | --- | --- |",
          ...subgroups.map(
            ({ by, name, positives, negatives, auc, sensitivity, specificity }) =>
              `| ${by}: ${name} | ${positives} / ${negatives} | ${estimate(auc)} | ${positives > 0 ? proportion(sensitivity) : "no case"} | ${negatives > 0 ? proportion(specificity) : "no case"} |`,
          ),
        ]),
  ];
}

const INTENDED = [
  "Research on, and teaching of, image classification and diagnostic statistics. **Not for clinical use. Not a medical device.** No output may be used for a decision about a patient.",
];

const OUT_OF_SCOPE = [
  "Patients. Children; contrast CT; postoperative heads; trauma; bleeds of the thalamus, the lobes or the posterior fossa as findings; other modalities; whole volumes.",
];

const OUT_OF_SCOPE_OF_A_LIST = [
  "Patients. Cases of any other list than the one it was trained on: which people, scanners, findings and pictures this list has is not known to the software.",
];

function failures({ protocol, cases }: ReportInput, { operating, subgroups }: ModelAnalysis): string[] {
  const weakest = subgroups
    .flatMap(({ by, name, sensitivity, positives }) =>
      sensitivity.value !== null && positives > 0 ? [{ group: `${by}: ${name}`, sensitivity }] : [],
    )
    .sort((a, b) => a.sensitivity.value - b.sensitivity.value)
    .slice(0, 3);
  return [
    ...(operating
      ? [
          `Missed ${operating.falseNegatives} of ${operating.sensitivity.of} ${findingOf(protocol).plural} and raised ${operating.falsePositives} false alarms in ${operating.specificity.of} others; the study's report shows each with a picture.`,
        ]
      : ["No threshold could be chosen, so errors were not counted."]),
    ...(weakest.length > 0
      ? ["", "Lowest sensitivity:", "", ...weakest.map(({ group, sensitivity }) => `- ${group}: ${share(sensitivity)}`)]
      : []),
    ...(cases.synthetic ? ["", "Also to be expected: bleeds under 1 mL, isodense and calcified bleeds, slices with motion."] : []),
  ];
}

const ethics = ({ cases }: ReportInput): string[] => [
  cases.synthetic
    ? "No patient's data were used: the cases are drawn by a program with a narrow model of anatomy and of people."
    : "The cases are the user's own. Weights, card and report contain no name, date or identifier; whether people are represented fairly is not known to the software.",
];

const effort = ({ machine }: ReportInput, { seconds, steps, images }: RunRecord): string[] => [
  field(
    "training",
    `${grouped(steps)} steps, ${grouped(images)} images, ${duration(seconds)}${seconds > 0 ? `, ${(images / seconds).toPrecision(3)} images per second` : ""}`,
  ),
  field("adapter", machine.adapter),
  ...Object.entries(machine.host).map(([name, version]) => field(name, version)),
  field("energy", "not measured"),
];

const reproduce = ({ provenance }: ReportInput): string[] => [
  "```sh",
  ...provenance.commands,
  "```",
  "",
  ...provenance.hashes.map(({ name, sha256 }) => field(name, `\`${sha256}\``)),
];

// A dataset's check as text: cases, exclusions with their reasons, and last the errors.
import type { CheckedCase, Count, DatasetCheck } from "../../dataset/check.ts";
import { SPLITS } from "../../dataset/manifest.ts";
import type { Purpose } from "../../dataset/readiness.ts";
import { table } from "../output.ts";

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? "" : "s"}`;

/** purposes: what the folder is checked for. */
export function checkText(check: DatasetCheck, purposes: readonly Purpose[]): string {
  const { list, cases, patients, namesPatients, splits, flow, unlabelled, warnings, errors, lacks } = check;
  // What training lacks, a study lacks too.
  const missing = [...new Set(purposes.flatMap((purpose) => lacks[purpose]))];
  const people = namesPatients ? `of ${counted(patients, "patient")}` : "of unknown patients";
  return [
    `${list}: ${counted(cases.length, "case")} ${people}; splits ${splits === "drawn" ? "drawn by patient (no split column)" : "as listed"}`,
    usableTable(check),
    `${counted(flow.files, "file")} read`,
    ...section("left out", reasons(flow.leftOut)),
    ...section("cases excluded", reasons(flow.excluded)),
    ...section("without a label", unlabelled),
    caseTable(cases),
    ...shortcutText(check),
    ...section(counted(warnings.length, "warning"), warnings),
    ...section(counted(errors.length, "error"), errors),
    ...section("missing", missing),
    verdict(check, purposes),
  ].join("\n\n");
}

function shortcutText({ shortcuts }: DatasetCheck): string[] {
  if (shortcuts.length === 0) return [];
  const rows = shortcuts.map(({ feature, auc, suspicious }) => [feature, auc.toFixed(3), suspicious ? "see the warnings" : ""]);
  return [
    `features that say nothing about a finding, and how well each alone separates the classes (AUC; 0.5 is chance):\n${table(rows, ["feature", "AUC", ""])}`,
  ];
}

const NAMES: Readonly<Record<Purpose, string>> = { train: "train", study: "a study" };

function verdict({ errors, lacks }: DatasetCheck, purposes: readonly Purpose[]): string {
  if (errors.length > 0) return "Not usable yet: fix the errors.";
  const able = purposes.filter((purpose) => lacks[purpose].length === 0).map((purpose) => NAMES[purpose]);
  const unable = purposes.filter((purpose) => lacks[purpose].length > 0).map((purpose) => NAMES[purpose]);
  if (unable.length === 0) return purposes.length === 1 ? `Usable for ${able[0]}.` : "Usable.";
  return `${able.length > 0 ? `Usable for ${able.join(" and ")}; not` : "Not"} usable for ${unable.join(" and ")} yet: see what is missing.`;
}

const section = (title: string, lines: readonly string[]): string[] =>
  lines.length > 0 ? [[`${title}:`, ...lines.map((line) => `  ${line}`)].join("\n")] : [];

const reasons = (counts: readonly Count[]): string[] => counts.map(({ reason, count }) => `${count} x ${reason}`);

function usableTable({ classes, flow, cases }: DatasetCheck): string {
  const rows = SPLITS.map((split) => {
    const own = classes.map((label) => flow.usable[split][label] ?? 0);
    const all = cases.filter((item) => item.split === split).length;
    return [split, String(all), String(own.reduce((sum, count) => sum + count, 0)), ...own.map(String)];
  });
  return table(rows, ["split", "cases", "usable", ...classes]);
}

function caseTable(cases: readonly CheckedCase[]): string {
  const rows = cases.map(({ case: number, line, label, side, split, verdict, images, ...rest }) => [
    String(number),
    String(line),
    side === null || side === label ? label : `${label} ${side}`,
    split,
    verdict,
    String(images),
    foundIn(rest),
    remarks({ verdict, ...rest }),
  ]);
  return table(rows, ["case", "line", "label", "split", "", "images", "found", "remarks"]);
}

/** "30 slices 512 x 512, 0.45 mm, 5 mm thick, every 5.00 mm, tilt 18.5, soft kernel" */
function foundIn({ series, files }: Pick<CheckedCase, "series" | "files">): string {
  if (!series) return counted(files, "file");
  const { slices, rows, columns, pixelMm, thicknessMm, spacingMm, tiltDegrees, kernel } = series;
  return [
    `${counted(slices, "slice")} ${columns} x ${rows}`,
    ...(pixelMm === null ? [] : [`${pixelMm < 0.1 ? Number(pixelMm.toPrecision(2)) : pixelMm.toFixed(2)} mm`]),
    ...(thicknessMm === null ? [] : [`${thicknessMm} mm thick`]),
    ...(spacingMm === null ? [] : [`every ${[...new Set(spacingMm.map((value) => value.toFixed(2)))].join(" to ")} mm`]),
    ...(tiltDegrees > 0.5 ? [`tilt ${tiltDegrees.toFixed(1)}`] : []),
    ...(kernel === "unknown" ? [] : [`${kernel} kernel`]),
  ].join(", ");
}

/** Errors are below, with their lines. */
const remarks = ({ verdict, reason, notes }: Pick<CheckedCase, "verdict" | "reason" | "notes">): string =>
  [...(verdict === "excluded" && reason ? [reason] : []), ...(verdict === "error" ? ["see the errors"] : []), ...notes].join("; ");

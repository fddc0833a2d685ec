// What a study looks for, in words, and what is known of its images. Of the user's own cases the software knows what the list says, and no more.
import type { Protocol } from "./protocol.ts";

export interface Finding {
  /** In titles: "basal ganglia hemorrhage". */
  readonly name: string;
  /** In "cases with ...", "P(...)". */
  readonly short: string;
  /** Several cases of it: "hemorrhages". */
  readonly plural: string;
}

/** The finding of a study: the user's name for it, or the label of the cases. */
export function findingOf({ cohort, finding }: Pick<Protocol, "cohort" | "finding">): Finding {
  if (finding !== undefined) return { name: finding, short: finding, plural: `cases with ${finding}` };
  const name = cohort.kind === "synthetic" ? "basal ganglia hemorrhage" : "hemorrhage, as the list says";
  return { name, short: "hemorrhage", plural: "hemorrhages" };
}

/** Which cases are pictures without DICOM. */
export const picturesOf = ({ cohort }: Pick<Protocol, "cohort">): "none" | "some" | "all" =>
  cohort.kind === "folder" ? (cohort.pictures ?? "none") : "none";

export const AS_GIVEN = "as given: window and side unknown";

/** The window of a study's images, as far as it is known. */
export function windowText(protocol: Pick<Protocol, "cohort" | "images">): string {
  const { centerHu, widthHu } = protocol.images.windowHu;
  const window = `center ${centerHu} HU, width ${widthHu} HU`;
  const pictures = picturesOf(protocol);
  if (pictures === "none") return window;
  return pictures === "all" ? AS_GIVEN : `CT slices: ${window}; pictures ${AS_GIVEN}`;
}

export const capitalised = (text: string): string => text[0].toUpperCase() + text.slice(1);

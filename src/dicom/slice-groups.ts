// Which slices belong together: those of one series, size and kernel whose directions and spacings are equal but for rounding.
import type { Vector } from "./read-slice.ts";
import { cross, dot, type PlacedSlice } from "./upright.ts";

/** Slices of one kernel, and what was odd about their grouping. */
export interface SliceGroup {
  readonly slices: readonly PlacedSlice[];
  readonly remarks: readonly string[];
}

/** Far above what rounding to a file's decimals does, and far below what a scanner is set to. */
const SAME_DIRECTION_RAD = 1e-3;
const SAME_SPACING_MM = 1e-3;
/** Positions along the normal that are closer than this are one place. */
export const SAME_PLACE_MM = 0.01;
/** Slices that each have a series UID of their own: more are no accident. */
const FEWEST_OWN_UIDS = 4;

/** Every slice in one group. Slices whose series UIDs an anonymiser made anew, one by one, are of one series. */
export function groupSlices(slices: readonly PlacedSlice[]): SliceGroup[] {
  const isEachItsOwn =
    slices.length >= FEWEST_OWN_UIDS &&
    new Set(slices.map(({ seriesKey }) => seriesKey)).size === slices.length &&
    new Set(slices.map(({ patientKey }) => patientKey)).size === 1;
  const joined = isEachItsOwn ? slices.map((slice) => ({ ...slice, seriesKey: slices[0].seriesKey })) : slices;
  const groups: PlacedSlice[][] = [];
  for (const slice of joined) {
    const group = groups.find(([first]) => first.seriesKey === slice.seriesKey && differences(first, slice).length === 0);
    if (group) group.push(slice);
    else groups.push([slice]);
  }
  const remarks = isEachItsOwn ? ["each slice has a series UID of its own: grouped by geometry and kernel alone"] : [];
  return withoutKernel(groups).map((group) => ({ ...group, remarks: [...remarks, ...group.remarks] }));
}

/** What keeps two slices apart, by name; the series UID is not looked at. */
export function differences(a: PlacedSlice, b: PlacedSlice): string[] {
  const names: string[] = [];
  if (a.rows !== b.rows || a.columns !== b.columns) names.push("size");
  if (a.orientation.some((axis, i) => angle(axis, b.orientation[i]) > SAME_DIRECTION_RAD)) names.push("orientation");
  const [spacing, other] = [a.pixelSpacingMm, b.pixelSpacingMm];
  const isSameSpacing = spacing && other ? spacing.every((mm, i) => Math.abs(mm - other[i]) <= SAME_SPACING_MM) : spacing === other;
  if (!isSameSpacing) names.push("pixel spacing");
  if (a.kernel !== b.kernel) names.push("kernel");
  return names;
}

const angle = (a: Vector, b: Vector): number => Math.atan2(Math.hypot(...cross(a, b)), dot(a, b));

/** Unit vector across a slice, towards the head for one that is upright. */
export const normalOf = ({ orientation: [along, down] }: PlacedSlice): Vector => cross(along, down);

/** Slices that name no kernel join those of their series that do, if these have one kernel and lie at other places. */
function withoutKernel(groups: readonly (readonly PlacedSlice[])[]): SliceGroup[] {
  const named = groups.filter(([{ kernel }]) => kernel !== "").map((slices) => ({ slices: [...slices], remarks: [] as string[] }));
  const result: SliceGroup[] = [...named];
  for (const slices of groups.filter(([{ kernel }]) => kernel === "")) {
    const [first] = slices;
    const others = named.filter(
      (group) => group.slices[0].seriesKey === first.seriesKey && differences(group.slices[0], first).join() === "kernel",
    );
    if (others.length !== 1 || shareAPlace(others[0].slices, slices)) {
      result.push({ slices, remarks: [] });
      continue;
    }
    const [{ kernel }] = others[0].slices;
    others[0].slices.push(...slices.map((slice) => ({ ...slice, kernel })));
    others[0].remarks.push(`${slices.length} of ${others[0].slices.length} slices name no kernel: taken for that of the others`);
  }
  return result;
}

function shareAPlace(some: readonly PlacedSlice[], others: readonly PlacedSlice[]): boolean {
  const normal = normalOf(some[0]);
  const places = new Set(some.map(({ positionMm }) => Math.round(dot(positionMm, normal) / SAME_PLACE_MM)));
  return others.some(({ positionMm }) => {
    const place = Math.round(dot(positionMm, normal) / SAME_PLACE_MM);
    return [place - 1, place, place + 1].some((near) => places.has(near));
  });
}

// Enhanced CT keeps geometry, rescale and windows of each frame in sequences, some shared by all frames (PS3.3 C.7.6.16). Here every frame
// gets attributes as a file of its own would have them.
import { layered, type Attributes } from "./data-set.ts";
import { nameOf, type Keyword } from "./dictionary.ts";

/** Functional group macros of what a slice needs; each holds one item. */
const GROUPS: readonly Keyword[] = [
  "PixelMeasuresSequence",
  "PlanePositionSequence",
  "PlaneOrientationSequence",
  "PixelValueTransformationSequence",
  "FrameVOILUTSequence",
  "CTImageFrameTypeSequence",
  "CTReconstructionSequence",
];

/** Attributes of each frame: its own groups go before the shared ones, those before the file's. Throws if a frame has no groups. */
export function frameAttributes(attributes: Attributes, count: number): Attributes[] {
  const own = attributes.items("PerFrameFunctionalGroupsSequence");
  if (own.length !== count)
    throw new Error(`${nameOf("PerFrameFunctionalGroupsSequence")}: expected an item for each of ${count} frames, got ${own.length}`);
  const shared = attributes.items("SharedFunctionalGroupsSequence").slice(0, 1).flatMap(groups);
  return own.map((frame) => layered([...groups(frame), ...shared, attributes]));
}

const groups = (item: Attributes): Attributes[] => GROUPS.flatMap((group) => item.items(group).slice(0, 1));

// What a picture that is marked DERIVED was derived by (PS3.3 C.7.6.1.1.2 and C.7.6.1.1.3): computed from others, or only compressed and written anew.
import type { Attributes } from "./data-set.ts";
import { nameOf, type Keyword } from "./dictionary.ts";

/** In values of ImageType and FrameType, of all vendors, and in descriptions: new pixels were computed. */
const COMPUTED =
  /REFORMAT|RESAMPL|\bMPV?R\b|\bCPR\b|\bMIP\b|MIN ?IP|AVERAGE|\bAVG\b|\bMEAN\b|MEDIAN|MAXIMUM|MINIMUM|PROJECTION|VOLUME|RENDER|\bVRT\b|\bSSD\b|SUBTRACT|\bADDITION\b|MULTIPLI|DIVISION|FILTER|SMOOTH|SHARPEN|FUSION|FUSED|PERFUSION|PARAMETRIC|\bMAP\b|\b3D\b|MONOENERG|DUAL ENERGY|STITCH/;
const COMPRESSED = /COMPRESS|JPEG|\bJ2K\b|\bRLE\b|LOSSLESS|TRANSCOD/;
/** "Lossy Compression" among the codes of image derivation (PS3.16 CID 7203). */
const CODE_OF_COMPRESSION = "113040";

/**
 * Whether the pixels were computed from other pictures: reformatted, averaged, projected. What was only recompressed is marked as derived, too: its type is
 * PRIMARY and AXIAL as before, its compression has loss, or its description or code says so. Where nothing says what was done, it counts as computed.
 */
export function isComputed(frame: Attributes, imageType: readonly string[], isLossy: boolean): boolean {
  const [pixels, examination, ...kinds] = imageType;
  if (pixels !== "DERIVED") return false;
  const description = shortText(frame, "DerivationDescription").toUpperCase();
  const codes = frame.items("DerivationCodeSequence").map((item) => shortText(item, "CodeValue"));
  if (COMPUTED.test(kinds.join("\\")) || COMPUTED.test(description) || codes.some((code) => code !== CODE_OF_COMPRESSION)) return true;
  if (isLossy || COMPRESSED.test(description) || codes.length > 0) return false;
  return !(examination === "PRIMARY" && (kinds[0] ?? "AXIAL") === "AXIAL");
}

/** "" for a text that is longer than what the reader takes: it decides nothing. */
function shortText(attributes: Attributes, keyword: Keyword): string {
  try {
    return attributes.text(keyword);
  } catch {
    return "";
  }
}

export const DERIVED_NOTE = `${nameOf("ImageType")} says derived, but names no computation: taken for a recompressed copy`;

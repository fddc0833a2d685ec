// Transfer syntaxes: how a data set is written (PS3.5 annex A, PS3.6 table A-1).

export interface TransferSyntax {
  readonly uid: string;
  readonly name: string;
  readonly explicit: boolean;
  readonly bigEndian: boolean;
  /** The whole data set after group 0002 is raw deflate. */
  readonly deflated: boolean;
}

const IMPLICIT = "1.2.840.10008.1.2";
const EXPLICIT = "1.2.840.10008.1.2.1";
const DEFLATED = "1.2.840.10008.1.2.1.99";
const BIG_ENDIAN = "1.2.840.10008.1.2.2";

const syntax = (uid: string, name: string, differs: Partial<TransferSyntax> = {}): TransferSyntax => ({
  uid,
  name,
  explicit: true,
  bigEndian: false,
  deflated: false,
  ...differs,
});

/** The uncompressed ones, which this room reads and writes. */
export const SYNTAXES = {
  implicit: syntax(IMPLICIT, "Implicit VR Little Endian", { explicit: false }),
  explicit: syntax(EXPLICIT, "Explicit VR Little Endian"),
  deflated: syntax(DEFLATED, "Deflated Explicit VR Little Endian", { deflated: true }),
  "big-endian": syntax(BIG_ENDIAN, "Explicit VR Big Endian", { bigEndian: true }),
} as const;

export type SyntaxName = keyof typeof SYNTAXES;

const COMPRESSED: Readonly<Record<string, string>> = {
  "1.2.840.10008.1.2.4.50": "JPEG Baseline",
  "1.2.840.10008.1.2.4.51": "JPEG Extended",
  "1.2.840.10008.1.2.4.53": "JPEG Spectral Selection",
  "1.2.840.10008.1.2.4.55": "JPEG Full Progression",
  "1.2.840.10008.1.2.4.57": "JPEG Lossless",
  "1.2.840.10008.1.2.4.70": "JPEG Lossless SV1",
  "1.2.840.10008.1.2.4.80": "JPEG-LS Lossless",
  "1.2.840.10008.1.2.4.81": "JPEG-LS Near-lossless",
  "1.2.840.10008.1.2.4.90": "JPEG 2000 Lossless",
  "1.2.840.10008.1.2.4.91": "JPEG 2000",
  "1.2.840.10008.1.2.4.92": "JPEG 2000 Multi-component Lossless",
  "1.2.840.10008.1.2.4.93": "JPEG 2000 Multi-component",
  "1.2.840.10008.1.2.4.94": "JPIP Referenced",
  "1.2.840.10008.1.2.4.100": "MPEG2",
  "1.2.840.10008.1.2.4.102": "MPEG-4",
  "1.2.840.10008.1.2.4.107": "HEVC",
  "1.2.840.10008.1.2.4.110": "JPEG XL Lossless",
  "1.2.840.10008.1.2.4.111": "JPEG XL JPEG Recompression",
  "1.2.840.10008.1.2.4.112": "JPEG XL",
  "1.2.840.10008.1.2.4.201": "High-Throughput JPEG 2000 Lossless",
  "1.2.840.10008.1.2.4.202": "High-Throughput JPEG 2000 RPCL Lossless",
  "1.2.840.10008.1.2.4.203": "High-Throughput JPEG 2000",
  "1.2.840.10008.1.2.5": "RLE Lossless",
  "1.2.840.10008.1.2.8.1": "Deflated Image Frame",
  "1.2.840.113619.5.2": "GE Private Implicit VR Big Endian",
};

const ADVICE: readonly (readonly [prefix: string, tools: string])[] = [
  ["1.2.840.10008.1.2.5", "dcmdrle or gdcmconv --raw"],
  ["1.2.840.10008.1.2.4.8", "dcmdjpls or gdcmconv --raw"],
  ["1.2.840.10008.1.2.4.9", "gdcmconv --raw"],
  ["1.2.840.10008.1.2.4.20", "a toolkit that reads HTJ2K"],
  ["1.2.840.10008.1.2.4.5", "dcmdjpeg or gdcmconv --raw"],
  ["1.2.840.10008.1.2.4.7", "dcmdjpeg or gdcmconv --raw"],
];

/**
 * The syntax of a UID. Throws for a compressed or unknown one, by name, with what to do.
 * A UID that is not a plain one is not repeated in the error: it could be any text.
 */
export function transferSyntax(uid: string): TransferSyntax {
  for (const known of Object.values(SYNTAXES)) if (known.uid === uid) return known;
  if (!/^[0-9.]{1,64}$/.test(uid)) throw new Error("expected a transfer syntax UID in TransferSyntaxUID (0002,0010), got other text");
  const name = COMPRESSED[uid] ?? "of unknown name";
  const tools = ADVICE.find(([prefix]) => uid.startsWith(prefix))?.[1] ?? "dcmconv or gdcmconv --raw";
  throw new Error(`unsupported transfer syntax ${name} (${uid}): decompress it first, e.g. with ${tools}`);
}

// Transfer syntaxes: how a data set is written, and how its pixels are compressed (PS3.5 annex A, PS3.6 table A-1).

/** What the code stream of a frame is. RLE and lossless JPEG are decoded here, the others by the platform's decoders. */
export type Compression = "rle" | "jpeg" | "jpeg-lossless" | "jpeg-ls" | "jpeg-2000";

export interface TransferSyntax {
  readonly uid: string;
  readonly name: string;
  readonly explicit: boolean;
  readonly bigEndian: boolean;
  /** The whole data set after group 0002 is raw deflate. */
  readonly deflated: boolean;
  /** Pixels lie in fragments, compressed so; null: they lie bare. */
  readonly compression: Compression | null;
  /** Decoded values may differ from what was encoded. */
  readonly lossy: boolean;
}

const syntax = (uid: string, name: string, differs: Partial<TransferSyntax> = {}): TransferSyntax => ({
  uid: `1.2.840.10008.1.2${uid}`,
  name,
  explicit: true,
  bigEndian: false,
  deflated: false,
  compression: null,
  lossy: false,
  ...differs,
});

/** Those that this module reads. */
export const SYNTAXES = {
  implicit: syntax("", "Implicit VR Little Endian", { explicit: false }),
  explicit: syntax(".1", "Explicit VR Little Endian"),
  deflated: syntax(".1.99", "Deflated Explicit VR Little Endian", { deflated: true }),
  "big-endian": syntax(".2", "Explicit VR Big Endian", { bigEndian: true }),
  rle: syntax(".5", "RLE Lossless", { compression: "rle" }),
  "jpeg-baseline": syntax(".4.50", "JPEG Baseline", { compression: "jpeg", lossy: true }),
  "jpeg-extended": syntax(".4.51", "JPEG Extended", { compression: "jpeg", lossy: true }),
  "jpeg-lossless": syntax(".4.57", "JPEG Lossless", { compression: "jpeg-lossless" }),
  "jpeg-lossless-sv1": syntax(".4.70", "JPEG Lossless SV1", { compression: "jpeg-lossless" }),
  "jpeg-ls": syntax(".4.80", "JPEG-LS Lossless", { compression: "jpeg-ls" }),
  "jpeg-ls-near-lossless": syntax(".4.81", "JPEG-LS Near-lossless", { compression: "jpeg-ls", lossy: true }),
  "jpeg-2000-lossless": syntax(".4.90", "JPEG 2000 Lossless", { compression: "jpeg-2000" }),
  "jpeg-2000": syntax(".4.91", "JPEG 2000", { compression: "jpeg-2000", lossy: true }),
  "htj2k-lossless": syntax(".4.201", "High-Throughput JPEG 2000 Lossless", { compression: "jpeg-2000" }),
  "htj2k-lossless-rpcl": syntax(".4.202", "High-Throughput JPEG 2000 RPCL Lossless", { compression: "jpeg-2000" }),
  htj2k: syntax(".4.203", "High-Throughput JPEG 2000", { compression: "jpeg-2000", lossy: true }),
} as const;

export type SyntaxName = keyof typeof SYNTAXES;

/** Those that write-slice.ts writes: one of each kind, all without loss. */
export type WritableSyntax =
  | "implicit"
  | "explicit"
  | "deflated"
  | "big-endian"
  | "rle"
  | "jpeg-lossless-sv1"
  | "jpeg-ls"
  | "jpeg-2000-lossless"
  | "htj2k-lossless";

/** What is refused, and by what tool it becomes something that is read. */
const REFUSED: Readonly<Record<string, readonly [name: string, tools: string]>> = {
  "1.2.840.10008.1.2.4.52": ["JPEG Extended (Process 3 & 5)", "dcmdjpeg or gdcmconv --raw"],
  "1.2.840.10008.1.2.4.53": ["JPEG Spectral Selection", "dcmdjpeg or gdcmconv --raw"],
  "1.2.840.10008.1.2.4.55": ["JPEG Full Progression", "dcmdjpeg or gdcmconv --raw"],
  "1.2.840.10008.1.2.4.92": ["JPEG 2000 Multi-component Lossless", "gdcmconv --raw"],
  "1.2.840.10008.1.2.4.93": ["JPEG 2000 Multi-component", "gdcmconv --raw"],
  "1.2.840.10008.1.2.4.94": ["JPIP Referenced", "the archive that it comes from"],
  "1.2.840.10008.1.2.4.95": ["JPIP Referenced Deflate", "the archive that it comes from"],
  "1.2.840.10008.1.2.4.100": ["MPEG2 Main Level", "nothing: a video is not a CT"],
  "1.2.840.10008.1.2.4.101": ["MPEG2 High Level", "nothing: a video is not a CT"],
  "1.2.840.10008.1.2.4.102": ["MPEG-4 AVC", "nothing: a video is not a CT"],
  "1.2.840.10008.1.2.4.103": ["MPEG-4 AVC BD-compatible", "nothing: a video is not a CT"],
  "1.2.840.10008.1.2.4.107": ["HEVC Main", "nothing: a video is not a CT"],
  "1.2.840.10008.1.2.4.108": ["HEVC Main 10", "nothing: a video is not a CT"],
  "1.2.840.10008.1.2.4.110": ["JPEG XL Lossless", "a toolkit that reads JPEG XL"],
  "1.2.840.10008.1.2.4.111": ["JPEG XL JPEG Recompression", "a toolkit that reads JPEG XL"],
  "1.2.840.10008.1.2.4.112": ["JPEG XL", "a toolkit that reads JPEG XL"],
  "1.2.840.10008.1.2.4.204": ["JPIP HTJ2K Referenced", "the archive that it comes from"],
  "1.2.840.10008.1.2.4.205": ["JPIP HTJ2K Referenced Deflate", "the archive that it comes from"],
  "1.2.840.10008.1.2.8.1": ["Deflated Image Frame Compression", "a toolkit that reads it"],
  "1.2.840.113619.5.2": ["GE Private Implicit VR Big Endian", "dcmconv"],
};

/**
 * The syntax of a UID. Throws for one that is not read, by name, with what to do.
 * A UID that is not a plain one is not repeated in the error: it could be any text.
 */
export function transferSyntax(uid: string): TransferSyntax {
  for (const known of Object.values(SYNTAXES)) if (known.uid === uid) return known;
  if (!/^[0-9.]{1,64}$/.test(uid)) throw new Error("expected a transfer syntax UID in TransferSyntaxUID (0002,0010), got other text");
  // A UID of no registered name may be anything, also a patient's study.
  if (!(uid in REFUSED))
    throw new Error("unsupported transfer syntax of unknown name: decompress it first, e.g. with dcmconv or gdcmconv --raw");
  const [name, tools] = REFUSED[uid];
  throw new Error(`unsupported transfer syntax ${name} (${uid}): decompress it first, e.g. with ${tools}`);
}

// Transfer syntaxes whose frames a codec of this module decodes (PS3.6 table A-1).

export type CodecName = "jpeg" | "jpeg-ls" | "jpeg-2000" | "htj2k";

/** The codec of each transfer syntax, by UID. */
export const CODECS: Readonly<Record<string, CodecName>> = {
  "1.2.840.10008.1.2.4.50": "jpeg",
  "1.2.840.10008.1.2.4.51": "jpeg",
  "1.2.840.10008.1.2.4.80": "jpeg-ls",
  "1.2.840.10008.1.2.4.81": "jpeg-ls",
  "1.2.840.10008.1.2.4.90": "jpeg-2000",
  "1.2.840.10008.1.2.4.91": "jpeg-2000",
  "1.2.840.10008.1.2.4.201": "htj2k",
  "1.2.840.10008.1.2.4.202": "htj2k",
  "1.2.840.10008.1.2.4.203": "htj2k",
};

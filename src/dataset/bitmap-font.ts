// A font of 5 x 7 pixels for captions inside pictures, in capitals: enough for a case's number and measures, the same bits everywhere.

export const GLYPH = { width: 5, height: 7 } as const;

/** Seven rows a character from the top, each a digit of base 32 whose five bits are the row's pixels, the left one highest. */
const ROWS: Readonly<Record<string, string>> = {
  "0": "ehjlphe",
  "1": "4c4444e",
  "2": "eh1248v",
  "3": "v2421he",
  "4": "26aiv22",
  "5": "vgu11he",
  "6": "68guhhe",
  "7": "v124888",
  "8": "ehhehhe",
  "9": "ehhf12c",
  A: "ehhvhhh",
  B: "uhhuhhu",
  C: "ehggghe",
  D: "sihhhis",
  E: "vgguggv",
  F: "vgguggg",
  G: "ehgnhhf",
  H: "hhhvhhh",
  I: "e44444e",
  J: "72222ic",
  K: "hikokih",
  L: "ggggggv",
  M: "hrllhhh",
  N: "hhpljhh",
  O: "ehhhhhe",
  P: "uhhuggg",
  Q: "ehhhlid",
  R: "uhhukih",
  S: "fgge11u",
  T: "v444444",
  U: "hhhhhhe",
  V: "hhhhha4",
  W: "hhhllla",
  X: "hha4ahh",
  Y: "hhha444",
  Z: "v1248gv",
  " ": "0000000",
  ".": "00000cc",
  ",": "0000c48",
  ":": "0cc0cc0",
  ";": "0cc0c48",
  "-": "000v000",
  "+": "044v440",
  "/": "01248g0",
  "(": "2488842",
  ")": "8422248",
  "%": "op248j3",
  "=": "00v0v00",
  _: "000000v",
  "<": "248g842",
  ">": "8421248",
  "#": "aavavaa",
  "'": "c480000",
  "*": "04lel40",
  "!": "4444404",
  "?": "eh12404",
};

/** Calls `dot` for each pixel of a line of text whose first character's upper left corner is (0, 0). What the font lacks becomes "?". */
export function drawText(text: string, dot: (x: number, y: number) => void): void {
  Array.from(text.toUpperCase()).forEach((character, place) => {
    const rows = ROWS[character] ?? ROWS["?"];
    for (let y = 0; y < GLYPH.height; y++) {
      const bits = Number.parseInt(rows[y], 32);
      for (let x = 0; x < GLYPH.width; x++) if (bits & (16 >> x)) dot(place * (GLYPH.width + 1) + x, y);
    }
  });
}

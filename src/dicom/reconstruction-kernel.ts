// What a convolution kernel's name says of its sharpness. Every vendor has its own names; these rules are ours, from the names in common use,
// and a name that they do not know is said to be unknown rather than guessed.

export type KernelKind = "soft" | "unknown" | "sharp";

/** Words that several vendors use; a bone kernel that is called "BONE STANDARD" is a bone kernel, so sharp words are looked for first. */
const SHARP_WORDS = /BONE|SHARP|EDGE|LUNG|DETAIL|INNER ?EAR/;
const SOFT_WORDS = /SOFT|STANDARD|STND|BRAIN|SMOOTH/;

/** From the text of ConvolutionKernel (0018,1210); of several values the first counts. */
export function kernelKind(name: string): KernelKind {
  const kernel = name.split("\\")[0].trim().toUpperCase();
  if (SHARP_WORDS.test(kernel)) return "sharp";
  if (SOFT_WORDS.test(kernel)) return "soft";
  // Canon and Toshiba: FC30 to 39 bone and inner ear, FC50 to 59 lung, FC80 and on high resolution.
  const canon = /^FC(\d\d)/.exec(kernel);
  if (canon) return /^[358]/.test(canon[1]) ? "sharp" : "soft";
  // Siemens: the body part's letter, sometimes a second one, and a sharpness of 10 to 99, as in H31s, J40s, Hr68.
  const siemens = /^[BCDHIJQSTUV][A-Z]?(\d\d)(?!\d)/.exec(kernel);
  if (siemens) return Number(siemens[1]) >= 50 ? "sharp" : "soft";
  // Philips: UA to UC for brain, A to C smooth; D, E and the Y family for bone and lung.
  if (/^U?[ABC]$/.test(kernel)) return "soft";
  if (/^(D|E|L|Y[A-E])$/.test(kernel)) return "sharp";
  return "unknown";
}

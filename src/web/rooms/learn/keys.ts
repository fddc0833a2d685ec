// Keys of the address that are Learn's, apart from what they mean: the shell knows them before the room is loaded.
export const KEYS = [
  "width",
  "size",
  "data",
  "cats",
  "cases",
  "seed",
  "batch",
  "rate",
  "mom",
  "wd",
  "aux",
  "start",
  "off",
  "labels",
  "step",
] as const;

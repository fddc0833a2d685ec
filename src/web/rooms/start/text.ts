// Texts of Start.
export const TEXT = {
  likeliest: "Likeliest classes",
  pass: (milliseconds: number): string =>
    milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(1)} s`,
  passTook: "from the call to the answer, kernels compiled where they were new",
  strip: "Strongest map of each block",
  opens: "Each opens in Look.",
  waiting: "Opening the network",
  noAnswer: "No answer: the message above says why.",
  notLikely: "The shipped networks know 32 kinds of fractals and nothing else. Drop weights of your own for photographs.",
} as const;

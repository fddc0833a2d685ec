// The common error of the readers of weight files.

/** An error that names the file and, where it is known, the byte at which reading stopped. */
export const fileError = (file: string, problem: string, at?: number): Error =>
  new Error(at === undefined ? `${file}: ${problem}` : `${file}: byte ${at}: ${problem}`);

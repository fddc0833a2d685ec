// The one way in which a reader of weight files refuses a file.

/** An error that names the file and, where it is known, the byte at which reading stopped. */
export const fileError = (file: string, problem: string, at?: number): Error =>
  new Error(at === undefined ? `${file}: ${problem}` : `${file}: byte ${at}: ${problem}`);

// The error of a file that is intact, as far as was looked, but is not a CT image in Hounsfield units.

/** A file to leave out, as against a damaged one. Its text repeats nothing of the file's. */
export class Foreign extends Error {
  /** What was expected and what came, without the file's name; null where the file is not DICOM at all. */
  readonly reason: string | null;

  constructor(reason: string | null, message: string = `${reason}: leave this file out`, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

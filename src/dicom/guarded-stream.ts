// What stands between dicom-parser and a hostile file. dicom-parser 1.8 skips past the end without a word and builds one object for every
// eight bytes it is shown; this stream bounds every step and counts them.
import dicomParser from "dicom-parser";

/** Steps allowed in one data set: a CT with 5,000 elements takes about 20,000; a million end within a fraction of a second. */
const STEP_LIMIT = 1_000_000;

export class GuardedStream extends dicomParser.ByteStream {
  #steps = 0;

  constructor(bytes: Uint8Array, position: number, bigEndian: boolean) {
    super(bigEndian ? dicomParser.bigEndianByteArrayParser : dicomParser.littleEndianByteArrayParser, bytes, position);
    // dicom-parser declares its methods as properties of the instance's type, so they are replaced here rather than overridden.
    const { readUint16, readUint32, readFixedString } = dicomParser.ByteStream.prototype;
    this.seek = (offset) => {
      this.#step(offset);
      this.position += offset;
    };
    this.readUint16 = () => {
      this.#step(2);
      return readUint16.call(this);
    };
    this.readUint32 = () => {
      this.#step(4);
      return readUint32.call(this);
    };
    this.readFixedString = (length) => {
      this.#step(length);
      return readFixedString.call(this, length);
    };
  }

  #step(bytes: number): void {
    if (++this.#steps > STEP_LIMIT) throw new Error(`the data set has more parts than a CT slice can have (over ${STEP_LIMIT} steps)`);
    const end = this.position + bytes;
    if (end > this.byteArray.length || end < 0)
      throw new Error(
        `a part at byte ${this.position} is ${bytes} bytes long, but ${this.byteArray.length - this.position} are left: truncated?`,
      );
  }
}

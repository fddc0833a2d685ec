// Which way up a picture is: the orientation of its EXIF block, and the picture turned by it.

const ORIENTATION = 0x0112;
const SHORT = 3;

/** The orientation, 1 to 8, of a TIFF block (EXIF 2.3, 4.6.4); 1, as it lies, where there is none or the block is damaged. */
export function orientationOf(tiff: Uint8Array): number {
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.length);
  if (tiff.length < 8) return 1;
  const order = view.getUint16(0);
  if (order !== 0x4949 && order !== 0x4d4d) return 1;
  const little = order === 0x4949;
  const directory = view.getUint32(4, little);
  if (directory + 2 > tiff.length) return 1;
  const entries = view.getUint16(directory, little);
  for (let at = directory + 2, left = entries; left > 0 && at + 12 <= tiff.length; at += 12, left--) {
    if (view.getUint16(at, little) !== ORIENTATION || view.getUint16(at + 2, little) !== SHORT) continue;
    const value = view.getUint16(at + 8, little);
    return value >= 1 && value <= 8 ? value : 1;
  }
  return 1;
}

interface Raster<Data> {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  /** [height, width, channels] */
  readonly data: Data;
}

/** The raster the right way up: orientations 5 to 8 swap its sides; 2, 4, 5 and 7 mirror it. */
export function upright<Data extends Uint8Array | Uint16Array>(
  { width, height, channels, data }: Raster<Data>,
  orientation: number,
): { readonly width: number; readonly height: number; readonly data: Data } {
  if (orientation === 1) return { width, height, data };
  const swapped = orientation >= 5;
  const [columns, rows] = swapped ? [height, width] : [width, height];
  const fromRight = [2, 3, 7, 8].includes(orientation);
  const fromBottom = [3, 4, 6, 7].includes(orientation);
  const result = data.slice() as Data;
  for (let row = 0, to = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      const [x, y] = swapped ? [row, column] : [column, row];
      const from = ((fromBottom ? height - 1 - y : y) * width + (fromRight ? width - 1 - x : x)) * channels;
      for (let channel = 0; channel < channels; channel++) result[to++] = data[from + channel];
    }
  return { width: columns, height: rows, data: result };
}

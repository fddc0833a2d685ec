// Where pooling windows lie, by Caffe's rule: sizes are rounded up, windows are clipped. Images are [images, height, width, channels].
import type { TensorType } from "../graph/op.ts";
import { formatShape, type Shape } from "../tensor/shape.ts";

export interface PoolAttributes {
  /** Rows and columns of a window. */
  size: number;
  /** Pixels from one window to the next, both axes. */
  stride: number;
  /** Rows and columns around the image that windows may reach into, less than `size`. They hold no values: none of them wins a maximum. */
  pad: number;
}

/** The least float32: what a maximum starts from, as in Caffe. */
export const LOWEST = -3.4028234663852886e38;

/** Windows along one axis: ceil((extent + 2 pad - size) / stride) + 1; with padding, a last window that would start beyond the image is dropped. */
export function pooledExtent(extent: number, { size, stride, pad }: PoolAttributes): number {
  const count = Math.ceil((extent + 2 * pad - size) / stride) + 1;
  return pad > 0 && (count - 1) * stride >= extent + pad ? count - 1 : count;
}

/** The type of a pooled image. Throws where attributes are impossible or a window would hold no pixel. */
export function pooledType(op: string, label: string, x: TensorType, attributes: PoolAttributes): TensorType {
  const where = `${op} "${label}"`;
  const { size, stride, pad } = attributes;
  if (x.shape.length !== 4) throw new Error(`${where}: x must be [images, height, width, channels], got ${formatShape(x.shape)}`);
  if (!(Number.isInteger(size) && Number.isInteger(stride) && Number.isInteger(pad) && stride >= 1 && pad >= 0 && pad < size)) {
    throw new Error(`${where}: size and stride must be at least 1 and pad less than size, got size ${size}, stride ${stride}, pad ${pad}`);
  }
  const [images, height, width, channels] = x.shape;
  const [oh, ow] = [height, width].map((extent) => {
    const count = pooledExtent(extent, attributes);
    if (count < 1 || (count - 1) * stride - pad >= extent) {
      throw new Error(
        `${where}: windows of ${size} with stride ${stride} and pad ${pad} do not cover ${height} x ${width} pixels: ` +
          `the last window would be empty; use a smaller stride or a larger input`,
      );
    }
    return count;
  });
  return { shape: [images, oh, ow, channels], dtype: "f32" };
}

/**
 * Visits every window of every image: the offsets of the first channel of its pixels in scan order, the number of pixels before clipping to
 * the image (but after clipping to the padded extent: Caffe's divisor of an average), the offset of its first channel in the output, and the
 * numbers of the pixels among all taps of the window, row by row, clipped or not.
 */
export function forEachWindow(
  [images, height, width, channels]: Shape,
  [, oh, ow]: Shape,
  { size, stride, pad }: PoolAttributes,
  visit: (pixels: readonly number[], area: number, at: number, taps: readonly number[]) => void,
): void {
  const span = (index: number, extent: number) => {
    const start = index * stride - pad;
    const end = Math.min(start + size, extent + pad);
    return { start, first: Math.max(start, 0), end: Math.min(end, extent), length: end - start };
  };
  for (let n = 0; n < images; n++) {
    for (let oy = 0; oy < oh; oy++) {
      const rows = span(oy, height);
      for (let ox = 0; ox < ow; ox++) {
        const columns = span(ox, width);
        const pixels: number[] = [];
        const taps: number[] = [];
        for (let iy = rows.first; iy < rows.end; iy++) {
          for (let ix = columns.first; ix < columns.end; ix++) {
            pixels.push(((n * height + iy) * width + ix) * channels);
            taps.push((iy - rows.start) * size + ix - columns.start);
          }
        }
        visit(pixels, rows.length * columns.length, ((n * oh + oy) * ow + ox) * channels, taps);
      }
    }
  }
}

/** Windows that one pixel can lie in. */
export const windowsOfAPixel = ({ size, stride }: PoolAttributes): number => Math.ceil(size / stride) ** 2;

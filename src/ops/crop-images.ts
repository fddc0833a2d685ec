// From stored pixels to a network's input, as in Caffe's data transformer: what it means.
// pixels: u32 [images, height, width] (bytes blue | green << 8 | red << 16); placement: u32 [images, 4]; mean: f32 [height, width, 4] or
// [1, 1, 4]; y: [images, size, size, 4], the channels being blue, green, red and 0.
import { op, type Port } from "../graph/op.ts";
import { formatShape, sizeOf } from "../tensor/shape.ts";
import { relative } from "./bounds.ts";

export interface CropAttributes {
  /** Rows and columns of the crop: 227 for AlexNet, 224 for GoogLeNet. */
  size: number;
  /** Multiplies what is left after the mean; 1 in both reference models. */
  scale: number;
}

/**
 * y[n, r, t] = scale (pixel - mean) at row offsetY + r and column offsetX + t, or offsetX + size - 1 - t where mirrored: the mean is subtracted
 * where the pixel lay before the crop. placement[n] = (offsetY, offsetX, mirror, 0); offsets that would leave the image are drawn back to its edge.
 */
export const cropImages = op<{ pixels: Port; placement: Port; mean: Port }, { y: Port }, CropAttributes>({
  name: "cropImages",
  infer({ pixels, placement, mean }, { size }, label) {
    const where = `cropImages "${label}"`;
    if (pixels.dtype !== "u32" || pixels.shape.length !== 3)
      throw new Error(`${where}: pixels must be u32[images, height, width], got ${pixels.dtype}${formatShape(pixels.shape)}`);
    const [images, height, width] = pixels.shape;
    if (!(size >= 1 && size <= height && size <= width))
      throw new Error(`${where}: a crop of ${size} x ${size} does not fit into ${height} x ${width} pixels: use larger images`);
    if (placement.dtype !== "u32" || formatShape(placement.shape) !== formatShape([images, 4]))
      throw new Error(`${where}: placement must be u32[${images}, 4], got ${placement.dtype}${formatShape(placement.shape)}`);
    if (formatShape(mean.shape) !== formatShape([height, width, 4]) && formatShape(mean.shape) !== "[1, 1, 4]") {
      throw new Error(`${where}: mean must be [${height}, ${width}, 4] or [1, 1, 4], got ${formatShape(mean.shape)}`);
    }
    return { y: { shape: [images, size, size, 4], dtype: "f32" } };
  },
  reference({ pixels, placement, mean }, { size, scale }, outputs) {
    const [images, height, width] = pixels.shape;
    const y = new Float64Array(sizeOf(outputs.y.shape));
    let at = 0;
    for (let n = 0; n < images; n++) {
      const [offsetY, offsetX, mirror] = placement.data.subarray(4 * n, 4 * n + 3);
      for (let r = 0; r < size; r++) {
        for (let t = 0; t < size; t++, at += 4) {
          const row = Math.min(offsetY, height - size) + r;
          const column = Math.min(offsetX, width - size) + (mirror ? size - 1 - t : t);
          const pixel = pixels.data[(n * height + row) * width + column];
          const meanAt = sizeOf(mean.shape) === 4 ? 0 : 4 * (row * width + column);
          for (let c = 0; c < 3; c++) y[at + c] = scale * ((Math.floor(pixel / 256 ** c) % 256) - mean.data[meanAt + c]);
        }
      }
    }
    return { y };
  },
  // The difference; with a scale also the scale's own rounding and the product.
  bound: (run) => relative(run.attributes.scale === 1 ? 1 : 3)(run),
});

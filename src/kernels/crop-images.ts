// How the input's crop is launched. Device code: shaders/crop-images.wgsl. An output pixel is a vector of four, so the textbook kernel is one of
// vectors.
import * as ops from "../ops/crop-images.ts";
import { BYTES_PER_ELEMENT, sizeOf } from "../tensor/shape.ts";
import { flat, kernel } from "./kernel.ts";
import { overItems } from "./slices.ts";

const WORKGROUP = 64;

export const cropImages = kernel(ops.cropImages, {
  textbook: ({ inputs: { pixels, mean }, attributes: { size, scale }, target }) => {
    const [images, height, width] = pixels.shape;
    const [meanRow, meanColumn] = sizeOf(mean.shape) === 4 ? [0, 0] : [width, 1];
    return {
      launches: overItems(images, { pixels: height * width, y: size * size * 4 }, target, (first, images) => {
        const count = images * size * size;
        return {
          shader: "crop-images.wgsl",
          params: { WORKGROUP },
          dims: { count, first, height, width, size, meanRow, meanColumn, scale },
          workgroups: flat(count, WORKGROUP, target),
          flops: 6 * count,
          bytes: BYTES_PER_ELEMENT * 5 * count,
        };
      }),
    };
  },
});

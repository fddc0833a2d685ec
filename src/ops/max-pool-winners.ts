// Maximum pooling that notes where each maximum lies, so that its gradient need not look at x again: what it means.
// x, dx: [images, height, width, channels]; y, dy: [images, oh, ow, channels];
// winners: u32 [images, oh, ow, channels / 4], a byte per channel, the
// lowest byte the first.
import { mapPorts, op, type Array64, type Port, type TensorType } from "../graph/op.ts";
import { formatShape, sameShape, sizeOf } from "../tensor/shape.ts";
import { addends, exactly, onMagnitudes, roundings } from "./bounds.ts";
import { DX_OVER_ADDEND, requireEpilogue, withEpilogue, type EpiloguePorts } from "./gradient-epilogue.ts";
import { forEachWindow, LOWEST, pooledType, type PoolAttributes, windowsOfAPixel } from "./pool-window.ts";

/** Taps of a window are numbered row by row, whether they lie in the image or not: 15 x 15 are the last that a byte can number. */
const LARGEST_SIZE = 15;
/** The byte of a window without a winner. */
const NO_TAP = 255;

export interface MaxPoolWinnersAttributes extends PoolAttributes {
  /** A window whose maximum is not above 0 has no winner: where x comes from a ReLU, that is the ReLU's gradient as well. */
  positive?: boolean;
}

/** y as maxPool; the winner is the tap of the first maximum in scan order. */
export const maxPoolWinners = op<{ x: Port }, { y: Port; winners: Port }, MaxPoolWinnersAttributes>({
  name: "maxPoolWinners",
  infer({ x }, attributes, label) {
    const y = pooledType("maxPoolWinners", label, x, attributes);
    return { y, winners: winnersType("maxPoolWinners", label, y, attributes) };
  },
  reference: ({ x }, attributes, outputs) => winnersOf(x, outputs.y, attributes),
  bound: exactly,
});

export interface MaxPoolBackwardWinnersAttributes extends PoolAttributes {
  /** Height and width of the input whose gradient this is. */
  height: number;
  width: number;
}

/** Each dy goes to the pixel that won its window; pixels that won several add up. */
export const maxPoolBackwardWinners = op<{ winners: Port; dy: Port } & EpiloguePorts, { dx: Port }, MaxPoolBackwardWinnersAttributes>({
  name: "maxPoolBackwardWinners",
  inPlace: DX_OVER_ADDEND,
  infer({ winners, dy, ...epilogue }, { height, width, ...attributes }, label) {
    const [images, , , channels] = dy.shape;
    const dx = { shape: [images, height, width, channels], dtype: "f32" } as const;
    const y = pooledType("maxPoolBackwardWinners", label, dx, attributes);
    if (!sameShape(dy.shape, y.shape))
      throw new Error(`maxPoolBackwardWinners "${label}": dy must be ${formatShape(y.shape)}, got ${formatShape(dy.shape)}`);
    const wanted = winnersType("maxPoolBackwardWinners", label, y, attributes);
    if (winners.dtype !== "u32" || !sameShape(winners.shape, wanted.shape)) {
      throw new Error(
        `maxPoolBackwardWinners "${label}": winners must be u32${formatShape(wanted.shape)}, got ${winners.dtype}${formatShape(winners.shape)}`,
      );
    }
    requireEpilogue("maxPoolBackwardWinners", label, epilogue, dx);
    return { dx };
  },
  reference({ winners, dy, ...epilogue }, attributes, outputs) {
    return { dx: withEpilogue(toWinners(dy, winners, outputs.dx, attributes), epilogue) };
  },
  bound: (run) => mapPorts(onMagnitudes(run), (dx) => roundings(windowsOfAPixel(run.attributes) - 1 + addends(run), dx)),
});

/** The maxima of x, and where they lie. */
export function winnersOf(
  x: Array64,
  { shape }: TensorType,
  attributes: MaxPoolWinnersAttributes,
): { y: Float64Array; winners: Float64Array } {
  const channels = x.shape[3];
  const y = new Float64Array(sizeOf(shape));
  const winners = new Float64Array(y.length / 4);
  forEachWindow(x.shape, shape, attributes, (pixels, _area, at, taps) => {
    for (let c = 0; c < channels; c++) {
      let [best, winner] = [LOWEST, 0];
      pixels.forEach((pixel, i) => {
        if (x.data[pixel + c] > best) [best, winner] = [x.data[pixel + c], taps[i]];
      });
      if (attributes.positive && best <= 0) winner = NO_TAP;
      y[at + c] = best;
      winners[Math.floor((at + c) / 4)] += winner * 256 ** (c % 4);
    }
  });
  return { y, winners };
}

/** Each dy at the pixel that won it. */
export function toWinners(dy: Array64, winners: Array64, { shape }: TensorType, attributes: PoolAttributes): Float64Array {
  const channels = shape[3];
  const dx = new Float64Array(sizeOf(shape));
  forEachWindow(shape, dy.shape, attributes, (pixels, _area, at, taps) => {
    for (let c = 0; c < channels; c++) {
      const winner = Math.floor(winners.data[Math.floor((at + c) / 4)] / 256 ** (c % 4)) % 256;
      const pixel = pixels[taps.indexOf(winner)];
      if (pixel !== undefined) dx[pixel + c] += dy.data[at + c];
    }
  });
  return dx;
}

/** The type of the winners that go with y. Throws where bytes cannot hold them. */
export function winnersType(op: string, label: string, { shape }: TensorType, { size }: PoolAttributes): TensorType {
  const [images, oh, ow, channels] = shape;
  if (channels % 4 !== 0 || size > LARGEST_SIZE) {
    throw new Error(
      `${op} "${label}": winners are packed as bytes of four channels, of windows up to ${LARGEST_SIZE}: got ${channels} channels, size ${size}`,
    );
  }
  return { shape: [images, oh, ow, channels / 4], dtype: "u32" };
}

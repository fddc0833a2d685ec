// The windows of Conv and of the pooling operators, as their attributes say.
import type { WindowAttributes } from "../ops/windows.ts";
import type { Shape } from "../tensor/shape.ts";
import type { Reading } from "./refused.ts";

/** Extents of windows are below the side of any image. */
const MOST = 2 ** 15;

/** Windows over images [images, channels, height, width]. `kernel` is that of a filter, where there is one. */
export function windowsOf(reading: Reading, shape: Shape, kernel?: readonly [number, number]): WindowAttributes {
  const given = reading.has("kernel_shape") ? reading.pair("kernel_shape", 1) : null;
  const taps = given ?? kernel ?? reading.refuse("no kernel_shape");
  if (kernel && given && given.some((extent, axis) => extent !== kernel[axis]))
    reading.refuse(`kernel_shape ${given.join(" x ")}, but its filter is ${kernel.join(" x ")}`);
  const strides = reading.pair("strides", 1);
  const dilations = reading.pair("dilations", 1);
  if ([...taps, ...strides, ...dilations].some((value) => value < 1 || value > MOST))
    reading.refuse(
      `kernel ${taps.join(" x ")}, strides ${strides.join(", ")}, dilations ${dilations.join(", ")}: expected numbers from 1 to ${MOST}`,
    );
  const rounding = reading.flag("ceil_mode") ? { rounding: "ceil" as const } : {};
  return {
    kernel: [taps[0], taps[1]],
    strides,
    dilations,
    pads: padsOf(reading, shape, { kernel: taps, strides, dilations }),
    ...rounding,
  };
}

function padsOf(
  reading: Reading,
  [, , ...extents]: Shape,
  { kernel, strides, dilations }: Readonly<Record<"kernel" | "strides" | "dilations", readonly number[]>>,
): WindowAttributes["pads"] {
  const auto = reading.text("auto_pad", "NOTSET");
  if (auto === "VALID") return [0, 0, 0, 0];
  if (auto === "NOTSET") {
    const [top, left, bottom, right, ...more] = reading.ints("pads") ?? [0, 0, 0, 0];
    if (right === undefined || more.length > 0 || [top, left, bottom, right].some((edge) => edge < 0 || edge > MOST))
      reading.refuse(`pads ${String(reading.ints("pads")?.join(", "))}: expected four numbers from 0 to ${MOST}`);
    return [top, left, bottom, right];
  }
  if (auto !== "SAME_UPPER" && auto !== "SAME_LOWER") return reading.refuse(`auto_pad ${auto}`);
  // As many windows as there are pixels over the stride, rounded up; an odd edge goes where the name says.
  const edges = extents.map((extent, axis) => {
    const windows = Math.ceil(extent / strides[axis]);
    const total = Math.max(0, (windows - 1) * strides[axis] + (kernel[axis] - 1) * dilations[axis] + 1 - extent);
    const less = Math.floor(total / 2);
    return auto === "SAME_UPPER" ? [less, total - less] : [total - less, less];
  });
  return [edges[0][0], edges[1][0], edges[0][1], edges[1][1]];
}

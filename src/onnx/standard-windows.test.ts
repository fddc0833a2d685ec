// Convolution, pooling and local response normalisation, against standard-fixture.ts.
import { type Said } from "./model-fixture.ts";
import { compare, constant, IMAGE, listOfCases, noise } from "./standard-cases-fixture.ts";
import * as standard from "./standard-fixture.ts";
import type { WindowsSaid } from "./standard-fixture.ts";

const { cases, one } = listOfCases();

const said = ({ kernel, strides, pads, dilations, ceil, auto }: WindowsSaid): Record<string, Said> => ({
  kernel_shape: kernel,
  ...(strides && { strides }),
  ...(pads && { pads }),
  ...(dilations && { dilations }),
  ...(ceil && { ceil_mode: 1 }),
  ...(auto && { auto_pad: auto }),
});

const WINDOWS: Readonly<Record<string, WindowsSaid>> = {
  "3 x 3": { kernel: [3, 3] },
  "1 x 1": { kernel: [1, 1] },
  "a rectangle": { kernel: [2, 4] },
  "strides 2": { kernel: [3, 3], strides: [2, 2] },
  "strides by axis": { kernel: [3, 3], strides: [2, 1] },
  "even pads": { kernel: [3, 3], pads: [1, 1, 1, 1] },
  "pads by axis": { kernel: [3, 3], pads: [1, 0, 1, 0] },
  "uneven pads": { kernel: [3, 2], pads: [2, 0, 1, 1] },
  "uneven pads and strides": { kernel: [3, 3], strides: [2, 2], pads: [0, 1, 1, 0] },
  dilations: { kernel: [3, 3], dilations: [2, 2], pads: [2, 2, 2, 2] },
  "dilations by axis": { kernel: [2, 3], dilations: [3, 1], pads: [1, 1, 2, 0], strides: [1, 2] },
  "auto_pad VALID": { kernel: [3, 3], strides: [2, 2], auto: "VALID" },
  "auto_pad SAME_UPPER": { kernel: [3, 3], strides: [2, 2], auto: "SAME_UPPER" },
  "auto_pad SAME_LOWER": { kernel: [3, 3], strides: [2, 2], auto: "SAME_LOWER" },
  "auto_pad SAME_UPPER, even kernel": { kernel: [2, 4], auto: "SAME_UPPER" },
  "auto_pad SAME_LOWER, even kernel": { kernel: [2, 4], auto: "SAME_LOWER" },
  "auto_pad SAME_UPPER, dilations": { kernel: [3, 3], dilations: [2, 1], auto: "SAME_UPPER" },
};

for (const [title, windows] of Object.entries(WINDOWS)) {
  for (const [groups, outputs] of [
    [1, 3],
    [2, 6],
    [4, 4],
  ]) {
    const w = noise([outputs, 4 / groups, ...windows.kernel], 2);
    const b = noise([outputs], 3);
    const grouped = groups === 1 ? "" : groups === 4 ? ", depthwise" : `, ${groups} groups`;
    one({
      operator: "Conv",
      title: title + grouped,
      x: IMAGE,
      constants: groups === 2 ? [constant(w)] : [constant(w), constant(b)],
      attributes: { ...said(windows), group: groups },
      expected: standard.conv(IMAGE, w, groups === 2 ? null : b, groups, windows),
    });
  }
}
{
  const w = noise([8, 1, 3, 3], 2);
  one({
    operator: "Conv",
    title: "depthwise, two outputs for each channel",
    x: IMAGE,
    constants: [constant(w)],
    attributes: { group: 4 },
    expected: standard.conv(IMAGE, w, null, 4, { kernel: [3, 3] }),
  });
  const rgb = noise([1, 3, 6, 6]);
  const w3 = noise([5, 3, 3, 3], 2);
  one({
    operator: "Conv",
    title: "of a colour image",
    x: rgb,
    constants: [constant(w3)],
    expected: standard.conv(rgb, w3, null, 1, { kernel: [3, 3] }),
  });
  const gray = noise([2, 1, 6, 6]);
  const w1 = noise([5, 1, 3, 3], 2);
  one({
    operator: "Conv",
    title: "of one channel, operator set 1",
    x: gray,
    constants: [constant(w1)],
    opset: 1,
    expected: standard.conv(gray, w1, null, 1, { kernel: [3, 3] }),
  });
}

const POOLS: Readonly<Record<string, WindowsSaid>> = {
  ...WINDOWS,
  "rounded up": { kernel: [3, 3], strides: [2, 2], ceil: true },
  "rounded up, padded": { kernel: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1], ceil: true },
  "rounded up, a window behind the image": { kernel: [2, 2], strides: [3, 3], pads: [1, 1, 1, 1], ceil: true },
  "rounded up, uneven pads": { kernel: [3, 3], strides: [2, 3], pads: [0, 1, 2, 1], ceil: true },
};
for (const [title, windows] of Object.entries(POOLS)) {
  one({ operator: "MaxPool", title, x: IMAGE, attributes: said(windows), opset: 12, expected: standard.maxPool(IMAGE, windows) });
  for (const countPad of [false, true])
    one({
      operator: "AveragePool",
      title: `${title}${countPad ? ", padding counts" : ""}`,
      x: IMAGE,
      attributes: { ...said(windows), ...(countPad && { count_include_pad: 1 }) },
      opset: 19,
      expected: standard.averagePool(IMAGE, windows, countPad),
    });
}
{
  // Which the text of set 22 says, and earlier ones leave open.
  const title = "a window that would start beyond the image is ignored";
  const windows = POOLS["rounded up, a window behind the image"];
  for (const opset of [22, 26]) {
    const each = { title: `${title}, operator set ${opset}`, x: IMAGE, attributes: said(windows), opset };
    one({ operator: "MaxPool", ...each, expected: standard.maxPool(IMAGE, windows) });
    one({ operator: "AveragePool", ...each, expected: standard.averagePool(IMAGE, windows, false) });
  }
}
one({
  operator: "MaxPool",
  title: "operator set 1",
  x: IMAGE,
  attributes: { kernel_shape: [2, 2] },
  opset: 1,
  expected: standard.maxPool(IMAGE, { kernel: [2, 2] }),
});
one({ operator: "GlobalAveragePool", title: "a rectangle", x: IMAGE, expected: standard.averagePool(IMAGE, { kernel: [7, 8] }, false) });
{
  const square = noise([2, 4, 6, 6]);
  one({ operator: "GlobalAveragePool", title: "a square", x: square, expected: standard.averagePool(square, { kernel: [6, 6] }, false) });
}
one({ operator: "GlobalMaxPool", title: "a rectangle", x: IMAGE, expected: standard.maxPool(IMAGE, { kernel: [7, 8] }) });

{
  const x = noise([2, 7, 3, 4]);
  for (const [title, size, alpha, beta, bias] of [
    ["of 3", 3, 0.2, 0.5, 2],
    ["of 5", 5, 1, 0.75, 1],
    ["of 9: more than there are channels", 9, 0.1, 0.75, 1],
  ] as const)
    one({
      operator: "LRN",
      title,
      x,
      attributes: { size, alpha: { float: alpha }, beta: { float: beta }, bias: { float: bias } },
      expected: standard.lrn(x, size, Math.fround(alpha), beta, bias),
    });
  one({ operator: "LRN", title: "the defaults", x, attributes: { size: 3 }, expected: standard.lrn(x, 3, 1e-4, 0.75, 1) });
}

compare(cases, 129);

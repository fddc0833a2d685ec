// The launch of the small AlexNet's first convolution as Chromium's software adapter runs it, for where there is no device. The browser's test compares it with the
// launch itself.

const [ROWS, COLUMNS, CHANNELS] = [14, 14, 24] as const;
/** Pixels, row by row, and maps of a workgroup's tile. */
const TILE = 16;

export const RECORDED = {
  id: "relu1#0",
  layer: "conv1",
  family: "quad",
  workgroups: [26, 1, 1] as const,
  invocations: 4,
  flops: 4_553_472,
  bytes: 130_816,
  shape: [ROWS, COLUMNS, CHANNELS] as const,
  owners: Array.from({ length: ROWS * COLUMNS * CHANNELS }, (_, i) => {
    const [pixel, channel] = [Math.floor(i / CHANNELS), i % CHANNELS];
    return Math.floor(pixel / TILE) * Math.ceil(CHANNELS / TILE) + Math.floor(channel / TILE);
  }),
};

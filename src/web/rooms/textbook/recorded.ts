// A launch of the small AlexNet's first convolution as one adapter computed it, for where there is no device. The browser's test compares it with the same launch there.
export const RECORDED = {
  id: "conv1#0",
  family: "subgroup",
  kernel: "",
  workgroups: [1, 1, 1] as readonly [number, number, number],
  invocations: 1,
  flops: 2 * 14 * 14 * 24 * 363,
  bytes: 1,
  shape: [14, 14, 24] as readonly [rows: number, columns: number, channels: number],
  owners: [] as readonly number[],
};

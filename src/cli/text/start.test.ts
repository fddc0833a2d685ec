import { expect, test } from "vitest";
import { startText } from "./start.ts";

test("a row per layer, no share of dead units where no ReLU follows, and the loss against chance", () => {
  const layers = [
    { name: "conv1", deviation: 1.0012, dead: 0.125 },
    { name: "fc8", deviation: 0.1, dead: null },
  ];
  expect(startText({ layers, loss: 1.0871, chance: Math.log(3) })).toBe(
    [
      "layer  standard deviation  dead units",
      "conv1                1.00        13 %",
      "fc8                 0.100",
      "loss 1.087, chance 1.099",
    ].join("\n"),
  );
});

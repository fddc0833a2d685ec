import { openDevice, alexnet, train, sgd, stepLr, folder } from "striatum";
await using device = await openDevice({ adapter: "auto" });
const data = await folder("heads/", { classes: ["none", "left", "right"], split: { train: 45, val: 15 }, seed: 0 });
const run = train(device, {
  model: alexnet({ classes: 3, init: "weights/bvlc_alexnet.caffemodel" }),
  data,
  batch: 32,
  epochs: 30,
  seed: 0,
  solver: sgd({ momentum: 0.9, weightDecay: 5e-4 }),
  rate: stepLr(0.001, { every: 10, gamma: 0.1 }),
  out: "runs/",
});
for await (const e of run) if (e.kind === "epoch") console.log(e.epoch, e.valLoss, e.valAuc);
const best = await run.best();
await best.save("best.safetensors");

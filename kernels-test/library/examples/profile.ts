import { openDevice, googlenet, profile } from "striatum";
await using device = await openDevice({ timestamps: true });
const report = await profile(device, googlenet({ classes: 1000 }), { batch: 32, phase: "train", repeats: 20 });
console.log(report.table({ by: "layer", sort: "time" })); // us, GFLOP/s, GB/s, share of roof
await report.saveTrace("trace.json"); // Perfetto, speedscope

fn finishBias(j: u32, split: u32, sum: Vector) {}

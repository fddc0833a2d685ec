// Reductions over the LANES of a workgroup, a power of two: a tree of fixed shape, so that the same values give the same bits. Every lane
// gets the result. With one lane nothing is left to do, and the value comes back as it went in.

var<workgroup> partial: array<f32, LANES>;

fn sumOverLanes(lane: u32, value: f32) -> f32 {
  partial[lane] = value;
  for (var half = LANES / 2; half > 0; half /= 2) {
    workgroupBarrier();
    if (lane < half) { partial[lane] += partial[lane + half]; }
  }
  return workgroupUniformLoad(&partial[0]);
}

fn maximumOverLanes(lane: u32, value: f32) -> f32 {
  partial[lane] = value;
  for (var half = LANES / 2; half > 0; half /= 2) {
    workgroupBarrier();
    if (lane < half) { partial[lane] = max(partial[lane], partial[lane + half]); }
  }
  return workgroupUniformLoad(&partial[0]);
}

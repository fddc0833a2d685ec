// Reductions over runs of neighbouring invocations of a workgroup. `run` is how many, a power of two: a tree of fixed shape, so that the
// same values give the same bits. Every invocation of a run gets its result.

var<workgroup> partial: array<vec2f, WORKGROUP>;

fn sumOverRun(i: u32, run: u32, value: vec2f) -> vec2f {
  partial[i] = value;
  for (var half = run / 2; half > 0; half /= 2) {
    workgroupBarrier();
    if (i % run < half) { partial[i] += partial[i + half]; }
  }
  return resultOf(i, run);
}

fn maximumOverRun(i: u32, run: u32, value: f32) -> f32 {
  partial[i] = vec2f(value, 0);
  for (var half = run / 2; half > 0; half /= 2) {
    workgroupBarrier();
    if (i % run < half) { partial[i] = max(partial[i], partial[i + half]); }
  }
  return resultOf(i, run).x;
}

fn resultOf(i: u32, run: u32) -> vec2f {
  workgroupBarrier();
  let result = partial[i - i % run];
  workgroupBarrier();
  return result;
}

// A step of gradient descent with a gradient that never leaves its registers, for the gradients of filters: what sgd.wgsl says, of a filter (w, v) and
// of its bias (bias, biasV). Where the sum is not split.

@group(0) @binding(3) var<storage, read_write> w: array<Vector>;
@group(0) @binding(4) var<storage, read_write> v: array<Vector>;
@group(0) @binding(7) var<storage, read> rate: array<f32>;
@group(0) @binding(5) var<storage, read_write> bias: array<Vector>;
@group(0) @binding(6) var<storage, read_write> biasV: array<Vector>;

//#include "lib/sgd-step.wgsl"

fn finish(at: u32, sum: Vector) {
  let weight = w[at];
  let next = nextMomentum(v[at], weight, sum, dims.rateMultiplier * rate[0], dims.decay * rate[1]);
  v[at] = next;
  w[at] = weight - next;
}

fn finishBiasAt(at: u32, sum: Vector) {
  let before = bias[at];
  let next = nextMomentum(biasV[at], before, sum, dims.biasRateMultiplier * rate[0], dims.biasDecay * rate[1]);
  biasV[at] = next;
  bias[at] = before - next;
}

// The parts of a split sum, added in order, and at once the step of gradient descent that takes them: what sgd.wgsl says, of a filter (w, v) and of
// its bias (bias, biasV).
//
//   dw[g, r, m] = sum over s of partial[s, g, r, m] for r < rows,  db[g, m] = sum over s of partial[s, g, rows, m]
//
// partial: [parts, groups, rows + 1, outputs]; w, v: [groups, rows, outputs]; bias, biasV: [groups, outputs]; rate: [2].
// One invocation per Vector of outputs; outputs are counted in Vectors.

struct Dims {
  parts: u32, groups: u32, rows: u32, outputs: u32,
  momentum: f32, decay: f32, rateMultiplier: f32, biasDecay: f32, biasRateMultiplier: f32,
}

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> partial: array<Vector>;
@group(0) @binding(2) var<storage, read_write> w: array<Vector>;
@group(0) @binding(3) var<storage, read_write> v: array<Vector>;
@group(0) @binding(4) var<storage, read_write> bias: array<Vector>;
@group(0) @binding(5) var<storage, read_write> biasV: array<Vector>;
@group(0) @binding(6) var<storage, read> rate: array<f32>;

alias Vector = f32; //#param
const WORKGROUP: u32 = 64; //#param

//#include "lib/sum-parts.wgsl"
//#include "lib/sgd-step.wgsl"

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) invocation: vec3u, @builtin(num_workgroups) workgroups: vec3u) {
  let i = invocation.y * workgroups.x * WORKGROUP + invocation.x;
  let size = dims.groups * (dims.rows + 1) * dims.outputs;
  if (i >= size) { return; }
  let gradient = withParts(Vector(), i, size, dims.parts);

  let m = i % dims.outputs;
  let r = i / dims.outputs % (dims.rows + 1);
  let g = i / dims.outputs / (dims.rows + 1);
  if (r < dims.rows) {
    let at = (g * dims.rows + r) * dims.outputs + m;
    let before = w[at];
    let next = nextMomentum(v[at], before, gradient, dims.rateMultiplier * rate[0], dims.decay * rate[1]);
    v[at] = next;
    w[at] = before - next;
  } else {
    let at = g * dims.outputs + m;
    let before = bias[at];
    let next = nextMomentum(biasV[at], before, gradient, dims.biasRateMultiplier * rate[0], dims.biasDecay * rate[1]);
    biasV[at] = next;
    bias[at] = before - next;
  }
}

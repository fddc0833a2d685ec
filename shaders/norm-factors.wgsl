// What normalisation by known moments is, for each channel:
//
//   factor[c] = scale[c] / sqrt(variance[c] + epsilon);  offset[c] = shift[c] + (bias[c] - mean[c]) factor[c]
//
// All tensors: [channels]. One invocation per channel.

struct Dims { count: u32, epsilon: f32 }

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> scale: array<f32>;
@group(0) @binding(2) var<storage, read> shift: array<f32>;
@group(0) @binding(3) var<storage, read> mean: array<f32>;
@group(0) @binding(4) var<storage, read> variance: array<f32>;
@group(0) @binding(5) var<storage, read_write> factor: array<f32>;
@group(0) @binding(6) var<storage, read_write> offset: array<f32>;

//#slot bias
@group(0) @binding(7) var<storage, read> bias: array<f32>;
fn biasOf(output: u32) -> f32 { return bias[output]; }
//#end

const WORKGROUP: u32 = 64; //#param

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) invocation: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = invocation.y * groups.x * WORKGROUP + invocation.x;
  if (i >= dims.count) { return; }
  let ratio = scale[i] / sqrt(variance[i] + dims.epsilon);
  factor[i] = ratio;
  offset[i] = shift[i] + (biasOf(i) - mean[i]) * ratio;
}

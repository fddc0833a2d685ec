// Inner product, the fully connected layer.
//
//   y[r, o] = bias[o] + sum over i of x[r, i] * weight[i, o]
//
// x: [rows, inputs]; weight: [inputs, outputs]; y: [rows, outputs]. One invocation per output.
// A weight larger than a binding may be comes in windows of its rows: this launch sees rows `first` to `first + count`.

struct Dims {
  rows: u32, inputs: u32, outputs: u32,
  first: u32, count: u32,
  accumulate: u32, // 1: the sum goes on from what y holds (all windows but the first)
  relu: u32, // 1: y is the maximum of the sum and 0 (the last window alone)
  dropThreshold: u32, dropScale: f32, dropStream: u32, // as dropout.wgsl has them
}

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> weight: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

//#slot bias
@group(0) @binding(4) var<storage, read> bias: array<f32>;
fn biasOf(output: u32) -> f32 { return bias[output]; }
//#end
//#slot dropout
fn dropped(value: f32, _at: u32) -> f32 { return value; }
//#end

const WORKGROUP: u32 = 64; //#param

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) invocation: vec3u, @builtin(num_workgroups) workgroups: vec3u) {
  let at = invocation.y * workgroups.x * WORKGROUP + invocation.x;
  let r = at / dims.outputs;
  let o = at % dims.outputs;
  if (r >= dims.rows) { return; }

  var sum = biasOf(o);
  if (dims.accumulate == 1) { sum = y[at]; }
  for (var i = 0u; i < dims.count; i++) {
    sum += x[r * dims.inputs + dims.first + i] * weight[i * dims.outputs + o];
  }
  y[at] = dropped(select(sum, max(sum, 0), dims.relu == 1), at);
}

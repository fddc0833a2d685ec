// Gradient of an inner product with respect to its input.
//
//   dx[r, i] = scale * sum over o of dy[r, o] * weight[i, o]
//
// dy: [rows, outputs]; weight: [inputs, outputs]; dx: [rows, inputs]. One invocation per element of dx.
// A weight larger than a binding may be comes in windows of its rows: this launch makes columns `first` to `first + count` of dx.

// The optional epilogue of a gradient: dx goes on from what it holds (accumulate) and is 0 where the ReLU that made x is (gate).

struct Dims { rows: u32, inputs: u32, outputs: u32, first: u32, count: u32, scale: f32, accumulate: u32 }

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> dy: array<Vector>;
@group(0) @binding(2) var<storage, read> weight: array<Vector>;
@group(0) @binding(3) var<storage, read_write> dx: array<Vector>;

alias Vector = f32;
const WORKGROUP: u32 = 64; //#param

//#slot gate
fn gated(gradient: Vector, _at: u32) -> Vector { return gradient; }
//#end

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) invocation: vec3u, @builtin(num_workgroups) workgroups: vec3u) {
  let at = invocation.y * workgroups.x * WORKGROUP + invocation.x;
  let r = at / dims.count;
  let i = at % dims.count;
  if (r >= dims.rows) { return; }

  var sum = 0.0;
  for (var o = 0u; o < dims.outputs; o++) {
    sum += dy[r * dims.outputs + o] * weight[i * dims.outputs + o];
  }
  let place = r * dims.inputs + dims.first + i;
  sum *= dims.scale;
  if (dims.accumulate == 1) { sum += dx[place]; }
  dx[place] = gated(sum, place);
}

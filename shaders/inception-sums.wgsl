// The parts of split sums, added in order, and at once the step of gradient descent that takes them, of the three 1 x 1 convolutions of an inception module
// that share their input: as sgd-sums.wgsl has it for one.
//
//   dw[c, m] = sum over p of partial[p, c, m] for c < rows,  db[m] = sum over p of partial[p, rows, m]
//
// partial: [parts, rows + 1, columns], the columns of the three one after the other. parameters, momenta: the stretches of memory that hold filters and
// biases, and their momenta. rate: [2]. One invocation per four columns.

struct Dims {
  parts: u32, rows: u32, columns: u32,
  momentum: f32, decay: f32, rateMultiplier: f32, biasDecay: f32, biasRateMultiplier: f32,
//#include "lib/inception-dims.wgsl"
}

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> partial: array<Vector>;
@group(0) @binding(2) var<storage, read_write> parameters: array<Vector>;
@group(0) @binding(3) var<storage, read_write> momenta: array<Vector>;
@group(0) @binding(4) var<storage, read> rate: array<f32>;

alias Vector = vec4f;
const WORKGROUP: u32 = 64; //#param

//#include "lib/sum-parts.wgsl"
//#include "lib/sgd-step.wgsl"

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) invocation: vec3u, @builtin(num_workgroups) workgroups: vec3u) {
  let i = invocation.y * workgroups.x * WORKGROUP + invocation.x;
  let size = (dims.rows + 1) * dims.columns / 4;
  if (i >= size) { return; }
  let gradient = withParts(Vector(), i, size, dims.parts);

  let column = i * 4 % dims.columns;
  let row = i * 4 / dims.columns;
  let first1 = dims.outputs0;
  let first2 = first1 + dims.outputs1;
  let branch = select(0u, 1u, column >= first1) + select(0u, 1u, column >= first2);
  let output = column - array(0, first1, first2)[branch];
  let at = row * array(dims.outputs0, dims.outputs1, dims.outputs2)[branch] + output;
  let isBias = row == dims.rows;
  let w = select(array(dims.filter0At, dims.filter1At, dims.filter2At)[branch] + at, array(dims.bias0At, dims.bias1At, dims.bias2At)[branch] + output, isBias) / 4;
  let v = select(array(dims.filter0VAt, dims.filter1VAt, dims.filter2VAt)[branch] + at, array(dims.bias0VAt, dims.bias1VAt, dims.bias2VAt)[branch] + output, isBias) / 4;
  let step = select(dims.rateMultiplier, dims.biasRateMultiplier, isBias) * rate[0];
  let before = parameters[w];
  let next = nextMomentum(momenta[v], before, gradient, step, select(dims.decay, dims.biasDecay, isBias) * rate[1]);
  momenta[v] = next;
  parameters[w] = before - next;
}

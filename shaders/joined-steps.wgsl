// Steps of gradient descent of several parameters at once, whose gradients are sums that were split: the parts are added in order, and at once the step
// is taken that sgd.wgsl describes. Of each parameter [rows, outputs], a filter or a bias:
//
//   dw[r, m] = sum over p of partial[partialAt + p size + r columns + m]
//
// values, momenta: the stretches of memory that hold the parameters, and their momenta. rate: [2]. One invocation per four outputs; all invocations of a
// workgroup work on one parameter.

struct Parameter {
  firstWorkgroup: u32,
  partialAt: u32, parts: u32, size: u32, columns: u32, // of its gradient: where it begins, elements from part to part and from row to row
  rows: u32, outputs: u32,
  valueAt: u32, momentumAt: u32,
  momentum: f32, decay: f32, rateMultiplier: f32, // as sgd.wgsl has them
}

struct Dims {
  parameters: array<Parameter, 48>, count: u32,
}

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> partial: array<Vector>;
@group(0) @binding(2) var<storage, read_write> values: array<Vector>;
@group(0) @binding(3) var<storage, read_write> momenta: array<Vector>;
@group(0) @binding(4) var<storage, read> rate: array<f32>;

alias Vector = vec4f;
const WORKGROUP: u32 = 64; //#param

//#include "lib/sum-parts.wgsl"

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) id: vec3u, @builtin(num_workgroups) workgroups: vec3u, @builtin(local_invocation_index) index: u32) {
  let workgroup = id.y * workgroups.x + id.x;
  var k = 0u;
  for (var ahead = 32u; ahead > 0; ahead /= 2) {
    if (k + ahead < dims.count && dims.parameters[k + ahead].firstWorkgroup <= workgroup) { k += ahead; }
  }
  let parameter = dims.parameters[k];

  let i = (workgroup - parameter.firstWorkgroup) * WORKGROUP + index;
  let outputs = parameter.outputs / 4;
  if (i >= parameter.rows * outputs) { return; }
  let first = parameter.partialAt / 4 + i / outputs * (parameter.columns / 4) + i % outputs;
  let gradient = withParts(Vector(), first, parameter.size / 4, parameter.parts);

  let at = parameter.valueAt / 4 + i;
  let before = values[at];
  let step = parameter.rateMultiplier * rate[0];
  let next = parameter.momentum * momenta[parameter.momentumAt / 4 + i] + step * (gradient + parameter.decay * rate[1] * before);
  momenta[parameter.momentumAt / 4 + i] = next;
  values[at] = before - next;
}

// One axis repeated: y[o, e, i] = scale * x[o, i].
//
// x: [outer, inner]; y: [outer, extent, inner]. One invocation per output (or, as Vector = vec4f, four of the inner axes: inner is then counted in
// Vectors).

struct Dims { count: u32, extent: u32, inner: u32, scale: f32 }

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> x: array<Vector>;
@group(0) @binding(2) var<storage, read_write> y: array<Vector>;

alias Vector = f32; //#param
const WORKGROUP: u32 = 64; //#param

//#include "lib/split.wgsl"

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) invocation: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = invocation.y * groups.x * WORKGROUP + invocation.x;
  if (i >= dims.count) { return; }
  let inner = split(i, dims.inner);
  y[i] = dims.scale * x[inner.whole / dims.extent * dims.inner + inner.rest];
}

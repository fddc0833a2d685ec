// Gradient of an activation: dx[i] = dy[i] slopeAt(x[i]), lib/activation-*.wgsl. Any shape; one invocation per element (or, as Vector = vec4f,
// four).

struct Dims { count: u32, alpha: f32, beta: f32 }

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> x: array<Vector>;
@group(0) @binding(2) var<storage, read> dy: array<Vector>;
@group(0) @binding(3) var<storage, read_write> dx: array<Vector>;

alias Vector = f32; //#param
const WORKGROUP: u32 = 64; //#param

//#slot activation
//#include "lib/activation-affine.wgsl"
//#end

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) invocation: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = invocation.y * groups.x * WORKGROUP + invocation.x;
  if (i >= dims.count) { return; }
  dx[i] = dy[i] * slopeAt(x[i]);
}

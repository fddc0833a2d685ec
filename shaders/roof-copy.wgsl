// Copies and nothing else: y[i] = x[i]. The memory roof that the profiler holds kernels against.
// x, y: [EACH, invocations, 4]. One invocation EACH vectors of four, so that what an invocation costs to start is shared.

struct Dims { invocations: u32 }

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> x: array<vec4u>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4u>;

const WORKGROUP: u32 = 64; //#param
const EACH: u32 = 4; //#param

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) invocation: vec3u) {
  if (invocation.x >= dims.invocations) { return; }
  for (var k = 0u; k < EACH; k++) {
    let i = k * dims.invocations + invocation.x;
    y[i] = x[i];
  }
}

// Count of steps whose result is a number, written over itself: total[0] = total[0] + step where x[0] is neither NaN nor infinite. One invocation.
// x is not written; it may lie beside total in one buffer, of which a launch must not have a binding for reading alone and one for writing.

struct Dims { step: f32 }

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read_write> total: array<f32>;
@group(0) @binding(2) var<storage, read_write> x: array<f32>;

//#include "lib/finite.wgsl"

@compute @workgroup_size(1)
fn main() { total[0] += select(0.0, dims.step, isFinite(x[0])); }

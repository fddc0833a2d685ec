// The scale of this step's loss: scale = 2^exponent, exactly. exponent: whole.

struct Dims { count: u32 }

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> exponent: array<f32>;
@group(0) @binding(2) var<storage, read_write> scale: array<f32>;

@compute @workgroup_size(1)
fn main() {
  for (var i = 0u; i < dims.count; i++) { scale[i] = ldexp(1.0, i32(exponent[i])); }
}

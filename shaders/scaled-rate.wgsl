// What the update of a loss that is scaled by 2^exponent takes for its rate: scaled = (rate[0] / 2^exponent, rate[1] * 2^exponent), exactly.
//
// rate, scaled: [2]; exponent: [1], whole.

struct Dims { count: u32 }

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> rate: array<f32>;
@group(0) @binding(2) var<storage, read> exponent: array<f32>;
@group(0) @binding(3) var<storage, read_write> scaled: array<f32>;

@compute @workgroup_size(1)
fn main() {
  for (var i = 0u; i < dims.count; i++) { scaled[i] = ldexp(rate[i], select(1, -1, i == 0) * i32(exponent[0])); }
}

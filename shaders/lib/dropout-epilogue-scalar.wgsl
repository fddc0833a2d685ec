// Inverted dropout on a sum that is still in a register: a part of inner-product.wgsl. What dropout.wgsl says.

@group(0) @binding(8) var<storage, read> random: array<u32>;

//#include "lib/dropout-mask.wgsl"

fn dropped(value: f32, at: u32) -> f32 {
  return select(0, value * dims.dropScale, kept(at / 4, dims.dropStream, dims.dropThreshold)[at % 4]);
}

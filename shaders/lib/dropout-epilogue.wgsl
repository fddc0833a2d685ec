// Inverted dropout on a sum that is still in registers, four elements at once: a part of gemm/gemm-subgroup.wgsl. What dropout.wgsl says.

@group(0) @binding(8) var<storage, read> random: array<u32>;

//#include "lib/dropout-mask.wgsl"

fn dropped(value: vec4f, at: u32) -> vec4f {
  return select(vec4f(), value * dims.dropScale, kept(at, dims.dropStream, dims.dropThreshold));
}

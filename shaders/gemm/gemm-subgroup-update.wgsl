// The update of a filter and its bias in place of their gradients, for gemm/gemm-subgroup-backward-filter.wgsl.

//#include "gemm/gemm-update.wgsl"

fn resultAt(row: u32, j: u32, split: u32) -> u32 { return (group * dims.rows + row) * (dims.outputs / 4) + column[j]; }

fn finishBias(j: u32, split: u32, sum: Vector) { finishBiasAt(group * (dims.outputs / 4) + column[j], sum); }

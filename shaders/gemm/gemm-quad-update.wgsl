// The update of a filter and its bias in place of their gradients, for gemm/gemm-quad-backward-filter.wgsl.

//#include "gemm/gemm-update.wgsl"

fn resultAt(row: u32, column: u32, split: u32) -> u32 { return (group * dims.rows + row) * (dims.outputs / 4) + column; }

fn finishBias(column: u32, split: u32, sum: vec4f) { finishBiasAt(group * (dims.outputs / 4) + column, sum); }

// The update of a filter and its bias in place of their gradients, for gemm/gemm-matrix-backward-filter.wgsl.

//#include "gemm/gemm-update.wgsl"

fn startOf(_column: u32) -> vec4f { return vec4f(); }

fn resultAt(row: u32, column: u32, _split: u32) -> u32 { return (group * dims.rows + row) * dims.outputs + column; }

fn finishBias(column: u32, _split: u32, sum: Vector) { finishBiasAt((group * dims.outputs + column) / 4, sum); }

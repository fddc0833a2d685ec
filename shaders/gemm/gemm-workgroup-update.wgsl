// The update of a filter and its bias in place of their gradients, for gemm/gemm-workgroup-backward-filter.wgsl.

//#include "gemm/gemm-update.wgsl"

fn startOf(column: u32) -> vec4f { return vec4f(); }

fn resultAt(row: u32, column: u32, part: u32) -> u32 { return (group * dims.rows + row) * dims.outputs + column; }

fn finishBias(column: u32, part: u32, sum: Vector) { finishBiasAt((group * dims.outputs + column) / VECTOR, sum); }

// Where a gradient with respect to the input lies, and what becomes of its sum: for gemm/gemm-workgroup.wgsl, gemm/gemm-skinny.wgsl and gemm-sums.wgsl.

//#include "gemm/gemm-gradient-epilogue.wgsl"

fn startOf(column: u32) -> vec4f { return vec4f(); }

fn resultAt(row: u32, column: u32, part: u32) -> u32 { return row * dims.xStride + dims.xFirst + group * dims.channels + column; }

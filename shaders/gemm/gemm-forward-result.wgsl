// Where a result of a forward pass lies, and what becomes of its sum: for gemm/gemm-workgroup.wgsl, gemm/gemm-skinny.wgsl and gemm-sums.wgsl.

//#include "gemm/gemm-forward-epilogue.wgsl"

fn resultAt(row: u32, column: u32, part: u32) -> u32 { return row * dims.yStride + dims.yFirst + group * dims.outputs + column; }

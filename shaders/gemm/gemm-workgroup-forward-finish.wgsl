// Where a result of the forward pass lies, and what becomes of its sum.

//#include "gemm/gemm-forward-epilogue.wgsl"

fn resultAt(row: u32, column: u32, split: u32) -> u32 { return row * dims.yStride + dims.yFirst + group * dims.outputs + column; }

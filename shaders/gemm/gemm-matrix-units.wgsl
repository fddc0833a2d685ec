// An adapter's matrix units, for gemm/gemm-matrix.wgsl: Dawn's experimental subgroup matrices.

enable f16;
enable subgroups;
enable chromium_experimental_subgroup_matrix;

alias Half = f16;
fn half(value: f32) -> Half { return f16(value); }

alias Left = subgroup_matrix_left<f16, K, M>;
alias Right = subgroup_matrix_right<f16, N, K>;
alias Sums = subgroup_matrix_result<f32, N, M>;

// Turns of a loop over matrices, which are registers: it has to be unrolled.
fn times(count: u32) -> u32 { return count; }

fn loadLeft(at: u32) -> Left { return subgroupMatrixLoad<Left, row_major>(&aTile, at, LINE); }
fn loadRight(at: u32) -> Right { return subgroupMatrixLoad<Right, col_major>(&bTile, at, LINE); }
fn withProduct(a: Left, b: Right, sums: Sums) -> Sums { return subgroupMatrixMultiplyAccumulate(a, b, sums); }
fn storeSums(at: u32, sums: Sums) { subgroupMatrixStore<row_major>(&made, at, sums, N); }

// Forward pass for gemm/gemm-skinny.wgsl. Rows are those of a batch, columns are outputs, k runs over inputs.
//
//   a[row, i] = x[row, i]        b[i, o] = filters[i, o]

@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> filters: array<vec4f>;
//#slot result
//#include "gemm/gemm-forward-result.wgsl"
//#end

// Neighbours of b in memory: along its columns.
const B_ALONG_K = false;

fn loadA(row: u32, k: u32) -> vec4f { return x[(row * dims.xStride + dims.xFirst + k) / 4]; }

// Four columns of k, k + 1, k + 2, k + 3.
fn loadB(k: u32, column: u32) -> mat4x4f {
  let fours = dims.outputs / 4;
  let at = k * fours + column / 4;
  return mat4x4f(filters[at], filters[at + fours], filters[at + 2 * fours], filters[at + 3 * fours]);
}

// Gradient with respect to the input, for gemm/gemm-skinny.wgsl. Rows are those of a batch, columns are inputs, k runs over outputs.
//
//   a[row, o] = dy[row, o]        b[o, i] = filters[i, o]

@group(0) @binding(1) var<storage, read> dy: array<vec4f>;
@group(0) @binding(2) var<storage, read> filters: array<vec4f>;
//#slot result
//#include "gemm/gemm-backward-data-result.wgsl"
//#end

// Neighbours of b in memory: along k.
const B_ALONG_K = true;

fn loadA(row: u32, k: u32) -> vec4f { return dy[(row * dims.yStride + dims.yFirst + k) / 4]; }

// Four columns of k, k + 1, k + 2, k + 3.
fn loadB(k: u32, column: u32) -> mat4x4f {
  let fours = dims.outputs / 4;
  let at = column * fours + k / 4;
  return transpose(mat4x4f(filters[at], filters[at + fours], filters[at + 2 * fours], filters[at + 3 * fours]));
}

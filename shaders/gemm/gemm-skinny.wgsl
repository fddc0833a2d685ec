// Matrix product of few rows, as an inner product at a small batch is:
//
//   result[row, column] = sum over k of a[row, k] * b[k, column]
//
// Its time is that of reading b, the weight, so b is read once, by all rows together. A workgroup makes all rows of 4 BESIDE columns: each of its
// ALONG lines of invocations takes every ALONG-th four of k and sums on its own, then lines are added in order through workgroup memory.
// What a and b are, a pass says: gemm/gemm-skinny-forward.wgsl, -backward-data.wgsl. All extents divide by 4.

//#include "gemm/gemm-dims.wgsl"

@group(0) @binding(0) var<uniform> dims: Dims;

const ROWS: u32 = 8; //#param     4, 8 or 16, at least as many as there are
const BESIDE: u32 = 4; //#param   invocations beside each other, of four columns each
const INVOCATIONS: u32 = 256;
const ALONG: u32 = INVOCATIONS / BESIDE;

const BIAS: bool = false;
const group: u32 = 0;
fn runStart() -> u32 { return 0; }

//#include "gemm/gemm-fours.wgsl"

//#slot phase
//#include "gemm/gemm-skinny-forward.wgsl"
//#end

// Sums of four rows by line.
var<workgroup> lines: array<array<array<vec4f, BESIDE>, ALONG>, 4>;

@compute @workgroup_size(INVOCATIONS)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) index: u32,
) {
  let tile = workgroup.y * workgroups.x + workgroup.x;
  if (tile >= dims.tiles) { return; }
  let part = tile / dims.columnTiles;
  let firstColumn = tile % dims.columnTiles * 4 * BESIDE;
  let end = min((part + 1) * dims.chunk, dims.depth);
  // Neighbours read what lies side by side.
  let along = select(index / BESIDE, index % ALONG, B_ALONG_K);
  let beside = select(index % BESIDE, index / ALONG, B_ALONG_K);

  var sums: array<vec4f, ROWS>;
  let column = min(firstColumn + 4 * beside, dims.columns - 4);
  for (var k = part * dims.chunk + 4 * along; k < end; k += 4 * ALONG) {
    let b = loadB(k, column);
    for (var r = 0u; r < ROWS; r++) { sums[r] += b * loadA(min(r, dims.rows - 1), k); }
  }

  for (var four = 0u; four < ROWS / 4; four++) {
    for (var i = 0u; i < 4; i++) { lines[i][along][beside] = sums[4 * four + i]; }
    workgroupBarrier();
    // One invocation a result vector.
    let row = 4 * four + index / BESIDE;
    let made = firstColumn + 4 * (index % BESIDE);
    if (index < 4 * BESIDE && row < dims.rows && made < dims.columns) {
      var sum = startOf(made);
      for (var line = 0u; line < ALONG; line++) { sum += lines[index / BESIDE][line][index % BESIDE]; }
      finish(resultAt(row, made, part) / 4, sum);
    }
    workgroupBarrier();
  }
}

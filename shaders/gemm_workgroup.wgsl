// Matrix product through workgroup memory, as all passes of a convolution and of an inner product are:
//
//   result[row, column] = sum over k of a[row, k] * b[k, column]
//
// A workgroup of 16 x 16 invocations makes a tile of 64 x 64: DEPTH elements of k at a time, all invocations together lay the tile's part of a
// and of b into workgroup memory, then each adds up its 4 x 4 results from there. An element is so loaded 64 times less often than used.
// What rows, columns and k are, a pass says: lib/gemm_workgroup_forward.wgsl, _backward_data.wgsl, _backward_filter.wgsl. Elements are loaded one
// by one and 0 beyond an edge, so that any shape will do.

//#include "lib/gemm_dims.wgsl"

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(3) var<storage, read_write> result: array<f32>;

const TILE: u32 = 64;
const DEPTH: u32 = 16;

var<private> group: u32;

// A pass declares where a tap, a pixel and an element of a, b and the result lie.
//#slot pass
//#include "lib/gemm_workgroup_forward.wgsl"
//#end

// Four rows (or columns) in a vector: invocation (i, j) owns rows 4 i to 4 i + 3 and columns 4 j to 4 j + 3 of the tile. One vector more than
// a line holds keeps neighbours along k, which are written at the same time, apart in memory banks.
var<workgroup> aTile: array<array<vec4f, TILE / 4 + 1>, DEPTH>;
var<workgroup> bTile: array<array<vec4f, TILE / 4 + 1>, DEPTH>;

@compute @workgroup_size(256)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) invocation: u32,
) {
  let tile = workgroup.y * workgroups.x + workgroup.x;
  if (tile >= dims.tiles) { return; }
  let split = tile / dims.columnTiles / dims.rowTiles / dims.groups;
  let row = tile / dims.columnTiles % dims.rowTiles * TILE;
  let column = tile % dims.columnTiles * TILE;
  group = tile / dims.columnTiles / dims.rowTiles % dims.groups;

  // Lanes that follow each other load along k, or along columns where those lie side by side in memory.
  let mine = invocation / DEPTH;
  let four = invocation / 16;
  let right = invocation % 16;
  openRows(row + 4 * mine);

  var sums: array<vec4f, 4>;
  let first = min(split * dims.chunk, dims.depth);
  let last = min(first + dims.chunk, dims.depth);
  for (var k = first; k < last; k += DEPTH) {
    let along = k + invocation % DEPTH;
    aTile[invocation % DEPTH][mine] = select(vec4f(), loadA(along), along < last);
    if (B_ALONG_K) {
      bTile[invocation % DEPTH][mine] = select(vec4f(), loadB(along, column + 4 * mine), along < last);
    } else {
      bTile[four][right] = select(vec4f(), loadB(k + four, column + 4 * right), k + four < last);
    }
    workgroupBarrier();
    for (var d = 0u; d < DEPTH; d++) {
      let a = aTile[d][four];
      let b = bTile[d][right];
      for (var i = 0u; i < 4; i++) { sums[i] = fma(vec4f(a[i]), b, sums[i]); }
    }
    workgroupBarrier();
  }

  for (var i = 0u; i < 4; i++) {
    for (var j = 0u; j < 4; j++) {
      let r = row + 4 * four + i;
      let c = column + 4 * right + j;
      if (r < dims.rows && c < dims.columns) {
        let at = resultAt(r, c, split);
        var start = startOf(c);
        if (dims.accumulate == 1) { start = result[at]; }
        let sum = start + sums[i][j];
        result[at] = select(sum, max(sum, 0), dims.relu == 1);
      }
    }
  }
}

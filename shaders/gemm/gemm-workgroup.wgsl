// Matrix product through workgroup memory, as all passes of a convolution and of an inner product are:
//
//   result[row, column] = sum over k of a[row, k] * b[k, column]
//
// A workgroup makes a tile of ROWS x COLUMNS: DEPTH elements of k at a time, all invocations together lay the tile's part of a and of b into
// workgroup memory, then each adds up its MICRO x MICRO results from there. An element is so loaded ROWS or COLUMNS times less often than used.
// What rows, columns and k are, a pass says: gemm/gemm-workgroup-forward.wgsl, -backward-data.wgsl, -backward-filter.wgsl. Elements come and go in
// fours, or one by one where channels, outputs or what lies between pixels do not divide by 4. Beyond an edge all is 0.

//#include "gemm/gemm-dims.wgsl"

@group(0) @binding(0) var<uniform> dims: Dims;

const ROWS: u32 = 64; //#param
const COLUMNS: u32 = 64; //#param
const MICRO: u32 = 4; //#param    4 or 8
const DEPTH: u32 = 16; //#param   8 or 16
// Whether the gradient of a bias is made with that of its filter.
const BIAS: bool = false; //#param

// Invocations of a workgroup: DOWN below and BESIDE beside each other.
const DOWN: u32 = ROWS / MICRO;
const BESIDE: u32 = COLUMNS / MICRO;
const INVOCATIONS: u32 = DOWN * BESIDE;

//#slot elements
//#include "gemm/gemm-fours.wgsl"
//#end

//#include "gemm/gemm-workgroup-loads.wgsl"
//#slot columns
//#include "gemm/gemm-workgroup-columns.wgsl"
//#end

// A pass declares where elements of a, b and the result lie; `finish` is its epilogue.
//#slot phase
//#include "gemm/gemm-workgroup-forward.wgsl"
//#end

// By k: the rows of the tile's part of a, in fours, then the columns of b. Invocations write single elements, which those of a vector would not be. One four
// more than a line holds keeps lines that are written at the same time apart in memory banks.
var<workgroup> laid: array<array<array<array<f32, 4>, (ROWS + COLUMNS) / 4 + 1>, ALONG>, VECTOR>;

// Lay Vector u of an invocation, of lines from `first` on, along k or across it. Drivers know the bounds of `&`, not those of `%`.
fn layAlong(first: u32, u: u32, vector: Vector) {
  let line = invocation / ALONG;
  let four = (first + u * (INVOCATIONS / ALONG)) / 4 + line / 4;
  for (var e = 0u; e < VECTOR; e++) { laid[e][invocation & (ALONG - 1)][four][line & 3] = elementOf(vector, e); }
}
fn layAcross(first: u32, u: u32, vector: Vector) {
  let k = invocation / ACROSS;
  let place = invocation & (ACROSS - 1);
  let four = (first + u * ACROSS * VECTOR) / 4 + place / (4 / VECTOR);
  let element = (place & (4 / VECTOR - 1)) * VECTOR;
  for (var e = 0u; e < VECTOR; e++) { laid[k & (VECTOR - 1)][k / VECTOR][four][element + e] = elementOf(vector, e); }
}

fn fourAt(k: u32, four: u32) -> vec4f {
  let here = &laid[k % VECTOR][k / VECTOR][four];
  return vec4f((*here)[0], (*here)[1], (*here)[2], (*here)[3]);
}

fn lay() {
  for (var u = 0u; u < A_LOADS; u++) {
    if (A_ALONG_K) { layAlong(0, u, a[u]); } else { layAcross(0, u, a[u]); }
  }
  for (var u = 0u; u < B_LOADS; u++) {
    if (B_ALONG_K) { layAlong(ROWS, u, b[u]); } else { layAcross(ROWS, u, b[u]); }
    if (BIAS) { bSums[u] += b[u]; }
  }
}

// A block's sums, row by row, with one more k.
fn withProducts(sums: mat4x4f, a: vec4f, b: vec4f) -> mat4x4f {
  return mat4x4f(fma(vec4f(a.x), b, sums[0]), fma(vec4f(a.y), b, sums[1]), fma(vec4f(a.z), b, sums[2]), fma(vec4f(a.w), b, sums[3]));
}

// Stores four results that lie side by side from element `at` on, of columns from `first` on.
fn finishFour(first: u32, at: u32, sum: vec4f) {
  for (var j = 0u; j < 4; j += VECTOR) {
    if (first + j < columnsEnd()) { finish((at + j) / VECTOR, partOf(sum, j)); }
  }
}

@compute @workgroup_size(INVOCATIONS)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) index: u32,
) {
  let tile = workgroup.y * workgroups.x + workgroup.x;
  if (tile >= dims.tiles) { return; }
  let part = tile / dims.columnTiles / dims.rowTiles / dims.groups;
  let row = tile / dims.columnTiles % dims.rowTiles * ROWS;
  let column = firstColumn(tile % dims.columnTiles);
  group = tile / dims.columnTiles / dims.rowTiles % dims.groups;
  invocation = index;
  let first = min(part * dims.chunk, dims.depth);
  let end = min(first + dims.chunk, dims.depth);

  // Invocation (down, beside) owns the fours of rows `down`, `down + DOWN`, and the fours of columns `beside`, `beside + BESIDE`: neighbours read
  // vectors that lie side by side.
  let down = index / BESIDE;
  let beside = index % BESIDE;
  var sums: array<array<mat4x4f, MICRO / 4>, MICRO / 4>; // by row
  for (var q = 0u; q < MICRO / 4; q++) {
    let start = startOf(column + 4 * (q * BESIDE + beside));
    for (var p = 0u; p < MICRO / 4; p++) { sums[p][q] = mat4x4f(start, start, start, start); }
  }

  open(row, column, first);
  let depth = end - first;
  let steps = (depth + DEPTH - 1) / DEPTH;
  load(depth);
  settle();
  for (var step = 0u; step < steps; step++) {
    workgroupBarrier();
    lay();
    workgroupBarrier();
    // The next step's elements are on their way while this step's are summed.
    load(depth - min((step + 1) * DEPTH, depth));
    for (var d = 0u; d < DEPTH; d++) {
      var bFours: array<vec4f, MICRO / 4>;
      for (var q = 0u; q < MICRO / 4; q++) { bFours[q] = fourAt(d, ROWS / 4 + q * BESIDE + beside); }
      for (var p = 0u; p < MICRO / 4; p++) {
        let aFour = fourAt(d, p * DOWN + down);
        for (var q = 0u; q < MICRO / 4; q++) { sums[p][q] = withProducts(sums[p][q], aFour, bFours[q]); }
      }
    }
    settle();
  }

  // A copy, so that `sums` stay in registers even where a driver does not unroll an epilogue.
  var finished = sums;
  for (var p = 0u; p < MICRO / 4; p++) {
    for (var i = 0u; i < 4; i++) {
      let r = row + 4 * (p * DOWN + down) + i;
      for (var q = 0u; q < MICRO / 4; q++) {
        let c = column + 4 * (q * BESIDE + beside);
        if (r < dims.rows) { finishFour(c, resultAt(r, c, part), finished[p][q][i]); }
      }
    }
  }
  closeTile(row, column, part);
}

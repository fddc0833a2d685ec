// How a workgroup loads a tile's part of a and of b, DEPTH elements of k at a time: for gemm/gemm-workgroup.wgsl and gemm/gemm-matrix.wgsl, which lay what is
// loaded into workgroup memory.

// A step moves blocks of 4 x 4 elements, first those of a, then those of b; an invocation has at most BLOCKS of them.
const A_BLOCKS: u32 = ROWS * DEPTH / 16;
const B_BLOCKS: u32 = COLUMNS * DEPTH / 16;
const BLOCKS: u32 = (A_BLOCKS + B_BLOCKS + INVOCATIONS - 1) / INVOCATIONS;

var<private> invocation: u32;
var<private> group: u32;
var<private> last: u32; // the first k that this tile no longer sums

// A block's elements: column e of the matrix is k + e.
var<private> loaded: array<mat4x4f, BLOCKS>;

struct Place { four: u32, k: u32 } // in a tile: which four rows (or columns), and the first of four k

// Blocks follow each other, over invocations, as their elements do in memory.
fn placeOf(block: u32, alongK: bool, fours: u32) -> Place {
  if (alongK) { return Place(block / (DEPTH / 4), 4 * (block % (DEPTH / 4))); }
  return Place(block % fours, 4 * (block / fours));
}
fn placeOfA(block: u32) -> Place { return placeOf(block, A_ALONG_K, ROWS / 4); }
fn placeOfB(block: u32) -> Place { return placeOf(block - A_BLOCKS, B_ALONG_K, COLUMNS / 4); }

fn openBlocks(row: u32, first: u32) {
  for (var u = 0u; u < BLOCKS; u++) {
    let block = u * INVOCATIONS + invocation;
    if (block < A_BLOCKS) { openA(u, row + 4 * placeOfA(block).four); }
  }
  // All of an invocation's blocks that lie along k start at the same one.
  openK(first + 4 * (invocation % (DEPTH / 4)));
}

fn loadBlocks(column: u32, k: u32) {
  for (var u = 0u; u < BLOCKS; u++) {
    let block = u * INVOCATIONS + invocation;
    if (block < A_BLOCKS) {
      loaded[u] = loadA(u, k + placeOfA(block).k);
    } else if (block < A_BLOCKS + B_BLOCKS) {
      let place = placeOfB(block);
      loaded[u] = loadB(column + 4 * place.four, k + place.k);
    }
  }
  stepK();
}

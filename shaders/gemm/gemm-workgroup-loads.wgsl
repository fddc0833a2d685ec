// How a workgroup loads a tile's part of a and of b, DEPTH elements of k at a time: for gemm/gemm-workgroup.wgsl. Every invocation loads as many Vectors as
// every other, all at the same k and without a branch: what lies beyond an edge is loaded from the beginning of its tensor, and becomes 0 once it is there.
// So the loads of a step are on their way together, while the step before is summed.

const A_LOADS: u32 = ROWS * DEPTH / VECTOR / INVOCATIONS;
const B_LOADS: u32 = COLUMNS * DEPTH / VECTOR / INVOCATIONS;

var<private> invocation: u32;
var<private> group: u32;

var<private> a: array<Vector, A_LOADS>;
var<private> b: array<Vector, B_LOADS>;
var<private> aInside: array<bool, A_LOADS>;
var<private> bInside: bool;
// Where b lies, counted in Vectors, and what of it was laid so far, added up: with BIAS.
var<private> bAt: array<u32, B_LOADS>;
var<private> bSums: array<Vector, B_LOADS>;

// Where an invocation's Vectors begin: in a step's part of k, and in the tile's rows or columns. Neighbours in memory, which lie along k or across it, are
// loaded by neighbours.
const ALONG: u32 = DEPTH / VECTOR;
const ACROSS: u32 = INVOCATIONS / DEPTH;
fn kOf(alongK: bool) -> u32 { return select(invocation / ACROSS, (invocation & (ALONG - 1)) * VECTOR, alongK); }
fn lineOf(u: u32, alongK: bool) -> u32 {
  if (alongK) { return u * (INVOCATIONS / ALONG) + invocation / ALONG; }
  return (u * ACROSS + (invocation & (ACROSS - 1))) * VECTOR;
}

//#slot late
fn chooseLoaded() {}
//#end
fn settle() {
  chooseLoaded();
  for (var u = 0u; u < A_LOADS; u++) { a[u] = select(Vector(), a[u], aInside[u]); }
  for (var u = 0u; u < B_LOADS; u++) { b[u] = select(Vector(), b[u], bInside); }
}

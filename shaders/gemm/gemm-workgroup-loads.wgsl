// How a workgroup loads a tile's part of a and of b, DEPTH elements of k at a time: for gemm/gemm-workgroup.wgsl. Every invocation loads as many Vectors as
// every other, without a branch: what lies beyond an edge is loaded from the beginning of its tensor, and becomes 0 when it is laid into workgroup memory.
// So the loads of a step are on their way together, while the step before is summed.

const A_LOADS: u32 = ROWS * DEPTH / VECTOR / INVOCATIONS;
const B_LOADS: u32 = COLUMNS * DEPTH / VECTOR / INVOCATIONS;

var<private> invocation: u32;
var<private> group: u32;

var<private> a: array<Vector, A_LOADS>;
var<private> b: array<Vector, B_LOADS>;
var<private> bAt: array<u32, B_LOADS>; // where they lie, in Vectors
var<private> aInside: array<bool, A_LOADS>;
var<private> bInside: array<bool, B_LOADS>;

// Where the first element of a Vector belongs: in the step's part of k, and in the tile's rows (or columns).
struct Place { k: u32, line: u32 }

// Neighbours in memory are loaded by neighbours. Those that lie along k: an invocation's Vectors all have the same k.
const ALONG: u32 = DEPTH / VECTOR;
fn placeAlong(u: u32) -> Place { return Place(invocation % ALONG * VECTOR, u * (INVOCATIONS / ALONG) + invocation / ALONG); }

// Those that lie across k, `many` in a tile: an invocation's Vectors all have the same line.
fn placeAcross(u: u32, many: u32) -> Place {
  let vectors = many / VECTOR;
  return Place(u * (INVOCATIONS / vectors) + invocation / vectors, invocation % vectors * VECTOR);
}

// The gradients of the outputs of an inception module's branches: dy of the first, dreduced of the others. A tile reads one of them, and the beginning of the
// other: a branch would make it wait for its loads, and so would a choice right behind them.

@group(0) @binding(4) var<storage, read> dreduced: array<Vector>;

fn yStride() -> u32 { return select(dims.outputs1 + dims.outputs2, dims.yStride, branch == 0); }
fn yFirst() -> u32 { return array(dims.yFirst, 0, dims.outputs1)[branch]; }
var<private> others: array<Vector, B_LOADS>;
fn loadGradient(u: u32, at: u32) {
  b[u] = dy[select(0, at, branch == 0)];
  others[u] = dreduced[select(at, 0, branch == 0)];
}

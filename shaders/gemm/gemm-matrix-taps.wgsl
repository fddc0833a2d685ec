// k of gemm/gemm-matrix.wgsl where it runs over `inner` elements (channels or outputs) tap by tap: an invocation's fours lie at one k, and walk
// DEPTH elements a step without a division or a branch.

struct Along { r: u32, t: u32, element: u32, k: u32 } // tap (r, t), the element there, and k

var<private> along: Along;
var<private> advance: Along; // of one step

fn openTaps(k: u32, inner: u32) {
  let tap = k / inner;
  along = Along(tap / dims.kw, tap % dims.kw, k % inner, k);
  advance = Along(DEPTH / inner / dims.kw, DEPTH / inner % dims.kw, DEPTH % inner, DEPTH);
}

fn stepTaps(inner: u32) {
  let element = along.element + advance.element;
  let nextTap = element >= inner;
  let t = along.t + advance.t + select(0u, 1u, nextTap);
  let nextRow = t >= dims.kw;
  let r = along.r + advance.r + select(0u, 1u, nextRow);
  along = Along(r, t - select(0, dims.kw, nextRow), element - select(0, inner, nextTap), along.k + DEPTH);
}

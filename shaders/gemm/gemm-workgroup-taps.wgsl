// k of gemm/gemm-workgroup.wgsl where it runs over `inner` elements (channels or outputs) tap by tap: an invocation walks it without a division.

struct Along { r: u32, t: u32, element: u32 } // tap (r, t), and the element there

var<private> along: Along;

fn alongFrom(k: u32, inner: u32) -> Along {
  let tap = k / inner;
  return Along(tap / dims.kw, tap % dims.kw, k % inner);
}

fn stepped(here: Along, by: u32, inner: u32) -> Along {
  var to = Along(here.r, here.t, here.element + by);
  while (to.element >= inner) { to.element -= inner; to.t++; }
  while (to.t >= dims.kw) { to.t -= dims.kw; to.r++; }
  return to;
}

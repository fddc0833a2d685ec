// The largest score of a row of x and the sum of its exponentials: softmax(x)[r, c] = exp(x[row + c] - top) / total. The LANES of a workgroup share
// the row's classes, and every lane gets the result.

const LOWEST: f32 = -3.4028234663852886e38;

//#include "lib/over-lanes.wgsl"

struct SoftmaxRow { top: f32, total: f32 }

fn softmaxRow(row: u32, lane: u32) -> SoftmaxRow {
  var top = LOWEST;
  for (var c = lane; c < dims.classes; c += LANES) { top = max(top, x[row + c]); }
  top = maximumOverLanes(lane, top);
  var total = 0.0;
  for (var c = lane; c < dims.classes; c += LANES) { total += exp(x[row + c] - top); }
  return SoftmaxRow(top, sumOverLanes(lane, total));
}

// Softmax and logistic loss, its gradient, and what a training step counts, all in one workgroup.
//
//   loss     = scale * sum over the rows of -log(max(softmax(x)[r, labels[r]], FLT_MIN)), NaN where a label is not a class or a score is not finite
//   dx[r, c] = scale * (softmax(x)[r, c] - (1 if c = labels[r], else 0)),  scale = weight / rows
//   correct  = rows where at most k classes score as much as labels[r] does or more (itself one of them), and all scores are finite
//
// x, dx: [rows, classes]; labels: [rows]; loss: [1]. `lanes` invocations share the classes of a row, and as many rows as that leaves room for are worked on
// at once; with a workgroup of one, the textbook kernel. A batch is a few hundred rows at most: a second launch for their sum would cost more than to do
// without other workgroups.

struct Dims {
  rows: u32, classes: u32, k: u32, scale: f32,
  lanes: u32, // a power of two
  nan: u32, // the bits of a NaN: WGSL does not let a shader write one down
}

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> labels: array<u32>;
@group(0) @binding(3) var<storage, read_write> dx: array<f32>;
@group(0) @binding(4) var<storage, read_write> loss: array<f32>;

const WORKGROUP: u32 = 1; //#param
const LOWEST: f32 = -3.4028234663852886e38;
const LEAST: f32 = 1.1754943508222875e-38;
// More rivals than there are classes: what a score that is not finite counts as.
const STRANGE: f32 = 1e10;

//#include "lib/over-runs.wgsl"
//#include "lib/finite.wgsl"

//#slot lossTotal
fn addLoss(_loss: f32) {}
//#end
//#slot correctTotal
fn addCorrect(_correct: f32) {}
//#end

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(local_invocation_index) i: u32) {
  let lane = i % dims.lanes;
  var counted = vec2f(); // losses, right answers
  for (var first = 0u; first < dims.rows; first += WORKGROUP / dims.lanes) {
    let r = first + i / dims.lanes;
    let inside = r < dims.rows;
    let row = r * dims.classes;
    let end = select(0, dims.classes, inside);

    var top = LOWEST;
    for (var c = lane; c < end; c += dims.lanes) { top = max(top, x[row + c]); }
    top = maximumOverRun(i, dims.lanes, top);

    let label = labels[select(0, r, inside)];
    let isClass = inside && label < dims.classes;
    let score = x[select(0, row + label, isClass)];
    var sums = vec2f(); // powers; classes that score no less than the label
    for (var c = lane; c < end; c += dims.lanes) {
      let value = x[row + c];
      sums += vec2f(exp(value - top), select(STRANGE, select(0.0, 1.0, value >= score), isFinite(value)));
    }
    sums = sumOverRun(i, dims.lanes, sums);

    for (var c = lane; c < end; c += dims.lanes) {
      dx[row + c] = dims.scale * (exp(x[row + c] - top) / sums.x - select(0.0, 1.0, c == label));
    }
    if (lane == 0 && inside) {
      let p = max(exp(score - top) / sums.x, LEAST);
      let known = isClass && sums.y < STRANGE;
      let right = known && sums.y <= f32(dims.k);
      counted += vec2f(select(bitcast<f32>(dims.nan), -log(p), known), select(0.0, 1.0, right));
    }
  }
  counted = sumOverRun(i, WORKGROUP, counted);
  if (i == 0) {
    loss[0] = dims.scale * counted.x;
    addLoss(dims.scale * counted.x);
    addCorrect(counted.y);
  }
}

// What becomes of a sum of the forward pass: bias, a residual, ReLU, dropout. Vector is what the result is made of.

@group(0) @binding(3) var<storage, read_write> result: array<Vector>;
//#slot bias
@group(0) @binding(4) var<storage, read> bias: array<f32>;
fn biasOf(output: u32) -> f32 { return bias[output]; }
//#end
//#slot dropout
fn dropped(value: Vector, _at: u32) -> Vector { return value; }
//#end

//#include "lib/rectified.wgsl"

// What the sums of four columns start from.
fn startOf(column: u32) -> vec4f {
  if (dims.accumulate == 1) { return vec4f(); }
  let output = group * dims.outputs + column;
  return vec4f(biasOf(output), biasOf(output + 1), biasOf(output + 2), biasOf(output + 3));
}

fn finish(at: u32, sum: Vector) {
  var y = sum;
  if (dims.accumulate != 0) { y += result[at]; }
  result[at] = dropped(rectified(y), at);
}

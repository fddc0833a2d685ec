// What becomes of a sum that is a gradient with respect to an input: a factor, a sum that it joins, the gate of a ReLU. Vector is what the result is
// made of.

@group(0) @binding(3) var<storage, read_write> result: array<Vector>;
//#include "lib/relu-gate.wgsl"

fn finish(at: u32, sum: Vector) {
  var dx = dims.scale * sum;
  if (dims.accumulate == 1) { dx += result[at]; }
  if (dims.gated == 1) { dx = gated(dx, at); }
  result[at] = dx;
}

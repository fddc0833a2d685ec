// The exponent of the next step's loss scale, written over this step's: so that a gradient as large as the largest of this step would come to
// [2^peakExponent, 2^(peakExponent + 1)). It rises by 1 per step at most and falls at once.
//
// peaks: [slots]; exponent: [1], whole.

struct Dims { slots: u32, peakExponent: i32, largestExponent: i32 }

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read_write> exponent: array<f32>;
@group(0) @binding(2) var<storage, read> peaks: array<f32>;

@compute @workgroup_size(1)
fn main() {
  var largest = 0.0;
  for (var s = 0u; s < dims.slots; s++) { largest = max(largest, peaks[s]); }
  // Of a positive float32: the exponent's bits, less their bias. Of 0 the room is huge.
  let log2 = i32(bitcast<u32>(largest) >> 23) - 127;
  let next = i32(exponent[0]) + min(dims.peakExponent - log2, 1);
  exponent[0] = f32(clamp(next, -dims.largestExponent, dims.largestExponent));
}

// Which elements of a block of four dropout keeps: word i of philox(seed; step, block, stream, 0) decides over element i.
// random: (seed low, seed high, step, 0); threshold = ratio * 2^24 rounded up.

//#include "lib/philox.wgsl"

fn kept(block: u32, stream: u32, threshold: u32) -> vec4<bool> {
  let words = philox(vec2u(random[0], random[1]), vec4u(random[2], block, stream, 0));
  return (words >> vec4u(8)) >= vec4u(threshold);
}

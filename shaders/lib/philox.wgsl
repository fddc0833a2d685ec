// Philox4x32-10, the counter-based random generator of Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3": the twin of
// src/tensor/philox.ts. WGSL has no 32 x 32 -> 64 bit product, so its high half is put together from 16-bit halves.

// Four random words, a function of key and counter alone.
fn philox(key: vec2u, counter: vec4u) -> vec4u {
  var k = key;
  var c = counter;
  for (var round = 0; round < 10; round++) {
    c = vec4u(
      highHalf(0xcd9e8d57, c.z) ^ c.y ^ k.x, 0xcd9e8d57 * c.z,
      highHalf(0xd2511f53, c.x) ^ c.w ^ k.y, 0xd2511f53 * c.x,
    );
    k += vec2u(0x9e3779b9, 0xbb67ae85);
  }
  return c;
}

fn highHalf(a: u32, b: u32) -> u32 {
  let aLow = a & 0xffff;
  let aHigh = a >> 16;
  let bLow = b & 0xffff;
  let bHigh = b >> 16;
  let middle = aHigh * bLow + ((aLow * bLow) >> 16);
  let carry = aLow * bHigh + (middle & 0xffff);
  return aHigh * bHigh + (middle >> 16) + (carry >> 16);
}

// Words as floats in [0, 1) with 24 bits.
fn unitFloats(words: vec4u) -> vec4f {
  return vec4f(words >> vec4u(8)) * 0x1p-24; // exact, which a division need not be
}

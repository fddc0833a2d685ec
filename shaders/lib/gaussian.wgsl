// Four standard normal values from four random words: Box and Muller 1958, "A note on the generation of random normal deviates".
//
//   radius = sqrt(-2 log(1 - u)), angle = 2 pi v; (radius cos angle, radius sin angle) for the word pairs (u, v) = (0, 1) and (2, 3)
//
// WGSL promises 2^-11 for cos and 2^-21 near 1 for log. These polynomials are good to a few units in the last place.

fn draw(block: vec4u) -> vec4f {
  let u = unitFloats(block);
  let radius = sqrt(-2 * vec2f(logarithm(1 - u.x), logarithm(1 - u.z)));
  return vec4f(radius.x * cosineAndSine(u.y), radius.y * cosineAndSine(u.w));
}

// log x for a normal x > 0: x = 2^exponent m with m in [sqrt(1/2), sqrt(2)), and log m = 2 artanh s = 2 (s + s^3/3 + s^5/5 + ...).
fn logarithm(x: f32) -> f32 {
  let bits = bitcast<u32>(x) - 0x3f3504f3; // the bits of sqrt(1/2), so that the exponent changes there
  let exponent = bitcast<i32>(bits) >> 23;
  let m = bitcast<f32>((bits & 0x7fffff) + 0x3f3504f3);
  let s = (m - 1) / (m + 1);
  let q = s * s;
  return f32(exponent) * 0.6931471805599453 + 2 * s * (1 + q * (1.0 / 3 + q * (1.0 / 5 + q * (1.0 / 7 + q * (1.0 / 9)))));
}

// (cos, sin) of 2 pi turn, turn in [0, 1): Taylor series on the eighth of a turn around the nearest quarter, then rotated by that quarter.
fn cosineAndSine(turn: f32) -> vec2f {
  let quarter = floor(4 * turn + 0.5);
  let t = (4 * turn - quarter) * 1.5707963267948966;
  let q = t * t;
  let c = 1 - q / 2 * (1 - q / 12 * (1 - q / 30 * (1 - q / 56 * (1 - q / 90))));
  let s = t * (1 - q / 6 * (1 - q / 20 * (1 - q / 42 * (1 - q / 72))));
  switch (u32(quarter) % 4) {
    case 0: { return vec2f(c, s); }
    case 1: { return vec2f(-s, c); }
    case 2: { return vec2f(-c, -s); }
    default: { return vec2f(s, -c); }
  }
}

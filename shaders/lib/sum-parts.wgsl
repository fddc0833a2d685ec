// The parts of a split sum, added in order to what it starts from: partial[i], partial[i + size], partial[i + 2 size], ...

// Parts that are loaded before the first of them is added: a GPU waits once for all.
const AT_ONCE: u32 = 8;

fn withParts(start: Vector, i: u32, size: u32, parts: u32) -> Vector {
  var sum = start;
  var p = 0u;
  for (; p + AT_ONCE <= parts; p += AT_ONCE) {
    var loaded: array<Vector, AT_ONCE>;
    for (var j = 0u; j < AT_ONCE; j++) { loaded[j] = partial[(p + j) * size + i]; }
    for (var j = 0u; j < AT_ONCE; j++) { sum += loaded[j]; }
  }
  for (; p < parts; p++) { sum += partial[p * size + i]; }
  return sum;
}

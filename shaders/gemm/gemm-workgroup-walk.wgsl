// Walks along k of gemm/gemm-workgroup.wgsl, a step at a time, by additions and carries: positions of three digits, such as (channel, t, r) of a filter or
// (ox, oy, n) of pixels, and the addresses that go with them.

struct Position {
  low: u32, middle: u32, high: u32,
  lowCarried: bool, middleCarried: bool, // by the last step
}

// How far a step goes, where the lower digits end, and what those but the highest are counted in.
struct Walk { step: Position, low: u32, middle: u32, unit: u32 }

fn walkOf(step: u32, low: u32, middle: u32, unit: u32) -> Walk { return Walk(positionOf(step, low, middle, unit), low * unit, middle * unit, unit); }

fn positionOf(k: u32, low: u32, middle: u32, unit: u32) -> Position {
  return Position(k % low * unit, k / low % middle * unit, k / low / middle, false, false);
}

fn stepped(before: Position, walk: Walk) -> Position {
  let low = before.low + walk.step.low;
  let lowCarried = low >= walk.low;
  let middle = before.middle + walk.step.middle + select(0, walk.unit, lowCarried);
  let middleCarried = middle >= walk.middle;
  let high = before.high + walk.step.high + select(0u, 1u, middleCarried);
  return Position(low - select(0, walk.low, lowCarried), middle - select(0, walk.middle, middleCarried), high, lowCarried, middleCarried);
}

// What an address gains by a step, and by each carry.
struct Gain { step: u32, low: u32, middle: u32 }

// The gain of an address in a tensor where one more of each digit lies that far on.
fn gainOf(walk: Walk, low: u32, middle: u32, high: u32) -> Gain {
  let step = walk.step.low * low + walk.step.middle * middle + walk.step.high * high;
  return Gain(step, walk.unit * middle - walk.low * low, high - walk.middle * middle);
}

fn advanced(at: u32, gain: Gain, to: Position) -> u32 {
  return at + gain.step + select(0, gain.low, to.lowCarried) + select(0, gain.middle, to.middleCarried);
}

// Where the maximum of a window lies, four channels at once: a part of max-pool-vector.wgsl.
//
//   winners[n, oy, ox, c] = tap of the first maximum in scan order, counted row by row over the whole, unclipped window;
//                           NO_TAP where only positive maxima count and this one is not positive
//
// winners: one byte per channel.

@group(0) @binding(3) var<storage, read_write> winners: array<u32>;

const WINNERS: bool = true;
const POSITIVE: bool = false; //#param
const NO_TAP: u32 = 255;

fn keepWinner(at: u32, tap: vec4u, value: vec4f) {
  let winner = select(tap, vec4u(NO_TAP), vec4<bool>(POSITIVE) & (value <= vec4f()));
  winners[at] = dot(winner, vec4u(1, 1 << 8, 1 << 16, 1 << 24));
}

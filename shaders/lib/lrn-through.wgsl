// The gradient of local response normalisation in registers, for RUN vectors of four channels of one pixel and their neighbours; by dims.size, k, alpha
// and beta. A power is taken once per channel: scale^-beta = scale * scale^-(beta + 1).

// Vectors on either side that hold the neighbours, and those that hold the neighbours' neighbours.
const SIDE: u32 = (REACH + 3) / 4;
const FAR: u32 = (2 * REACH + 3) / 4;

// By channel: x with FAR vectors on either side, and with SIDE vectors what reaches each neighbour through the channel's scale, and its own share.
alias Values = array<f32, 4 * (RUN + 2 * FAR)>;
alias Near = array<f32, 4 * (RUN + 2 * SIDE)>;

// Stores vector j of `through` and `direct`, from the gradient with respect to the normalised values.
fn passThrough(j: u32, slope: vec4f, values: ptr<function, Values>, through: ptr<function, Near>, direct: ptr<function, Near>) {
  var sums = vec4f(0);
  for (var lane = 0u; lane < 4; lane++) {
    for (var tap = 0u; tap <= 2 * REACH; tap++) {
      let value = (*values)[4 * (j + FAR - SIDE) + lane + tap - REACH];
      sums[lane] += value * value;
    }
  }
  let scale = dims.k + dims.alpha / f32(dims.size) * sums;
  let scaled = slope * pow(scale, vec4f(-dims.beta - 1));
  for (var lane = 0u; lane < 4; lane++) {
    (*through)[4 * j + lane] = scaled[lane] * (*values)[4 * (j + FAR - SIDE) + lane];
    (*direct)[4 * j + lane] = scaled[lane] * scale[lane];
  }
}

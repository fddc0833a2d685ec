// x / (1 + exp(-x)).

//#include "lib/sigmoid.wgsl"

fn activated(x: Vector) -> Vector { return x * sigmoid(x); }
fn slopeAt(x: Vector) -> Vector { return sigmoid(x) * (1 + x * sigmoid(-x)); }

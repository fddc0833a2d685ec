// 1 / (1 + exp(-x)).

//#include "lib/sigmoid.wgsl"

fn activated(x: Vector) -> Vector { return sigmoid(x); }
fn slopeAt(x: Vector) -> Vector { return sigmoid(x) * sigmoid(-x); }

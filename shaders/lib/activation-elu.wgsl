// x where x >= 0, else alpha (exp(x) - 1).

fn activated(x: Vector) -> Vector { return select(dims.alpha * (exp(min(x, Vector())) - 1), x, x >= Vector()); }
fn slopeAt(x: Vector) -> Vector { return select(dims.alpha * exp(min(x, Vector())), Vector(1), x >= Vector()); }

// x where x >= 0, else alpha x.

fn activated(x: Vector) -> Vector { return select(dims.alpha * x, x, x >= Vector()); }
fn slopeAt(x: Vector) -> Vector { return select(Vector(dims.alpha), Vector(1), x >= Vector()); }

// x between alpha and beta; no slope outside and at the ends.

fn activated(x: Vector) -> Vector { return min(max(x, Vector(dims.alpha)), Vector(dims.beta)); }
fn slopeAt(x: Vector) -> Vector { return select(Vector(), Vector(1), (x > Vector(dims.alpha)) & (x < Vector(dims.beta))); }

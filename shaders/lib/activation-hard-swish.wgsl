// x times (x / 6 + 1 / 2 between 0 and 1).

fn activated(x: Vector) -> Vector { return x * clamp(x / 6 + 0.5, Vector(), Vector(1)); }
fn slopeAt(x: Vector) -> Vector { return select(select(x / 3 + 0.5, Vector(1), x >= Vector(3)), Vector(), x <= Vector(-3)); }

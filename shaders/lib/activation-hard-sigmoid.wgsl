// alpha x + beta between 0 and 1.

fn activated(x: Vector) -> Vector { return clamp(dims.alpha * x + dims.beta, Vector(), Vector(1)); }
fn slopeAt(x: Vector) -> Vector { return select(Vector(), Vector(dims.alpha), (dims.alpha * x + dims.beta > Vector()) & (dims.alpha * x + dims.beta < Vector(1))); }

// 1 / (1 + exp(-x)). The argument is bounded so that the divisor stays where WGSL specifies a division; beyond, the value is below the least normal
// number.

fn sigmoid(x: Vector) -> Vector { return 1 / (1 + exp(min(-x, Vector(87)))); }

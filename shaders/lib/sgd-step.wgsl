// The next momentum of a parameter, as sgd.wgsl has it; the parameter then becomes itself less that. step: the rate times the parameter's multiplier.

fn nextMomentum(momentum: Vector, parameter: Vector, gradient: Vector, step: f32, decay: f32) -> Vector {
  return dims.momentum * momentum + step * (gradient + decay * parameter);
}

// ReLU of a result, up to a limit or without one. Dims has relu (0: none, 1: no limit, 2: at most `most`) and most.

fn rectified(value: Vector) -> Vector {
  if (dims.relu == 0) { return value; }
  let positive = max(value, Vector());
  return select(positive, min(positive, Vector(dims.most)), dims.relu == 2);
}

fn factorOf(_channel: u32) -> Vector { return Vector(1); }

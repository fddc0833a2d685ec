fn biasOf(_channel: u32) -> Vector { return Vector(); }

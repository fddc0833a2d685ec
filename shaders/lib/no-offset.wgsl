fn offsetOf(_channel: u32) -> Vector { return Vector(); }

  // Fields that the Dims of all kernels over windows by ONNX's rule have.
  count: u32, height: u32, width: u32, oh: u32, ow: u32, channels: u32,
  kh: u32, kw: u32, strideY: u32, strideX: u32, dilationY: u32, dilationX: u32,
  top: u32, left: u32, bottom: u32, right: u32,

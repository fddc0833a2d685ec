  // The three 1 x 1 convolutions of an inception module: outputs of each, the column tile where each begins, and where filters and biases lie, and
  // their momenta.
  outputs0: u32, outputs1: u32, outputs2: u32,
  firstTile1: u32, firstTile2: u32,
  filter0At: u32, filter1At: u32, filter2At: u32,
  bias0At: u32, bias1At: u32, bias2At: u32,
  filter0VAt: u32, filter1VAt: u32, filter2VAt: u32,
  bias0VAt: u32, bias1VAt: u32, bias2VAt: u32,

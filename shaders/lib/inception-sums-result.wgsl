// What becomes of a sum of an inception module's branches whose parts gemm-sums.wgsl adds. filters: the stretch of memory that holds filters and biases.

@group(0) @binding(2) var<storage, read> filters: array<vec4f>;
//#include "lib/inception-forward-result.wgsl"

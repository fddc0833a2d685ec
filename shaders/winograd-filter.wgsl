// Winograd's convolution, first step: filters as the products see them.
//
//   U = G g G^T for every channel and output:   g[r, t] = filters[g, r, t, c, m], or filters[g, 2 - r, 2 - t, c, m] for the gradient of the input
//
// filters: [groups, 3, 3, channels, outputs]; U: [POINTS, POINTS, groups, channels, outputs]. One invocation transforms two outputs of one channel.

struct Dims {
  groups: u32,
  size: u32, // channels * outputs of one group, in vectors of two
  turned: u32, // 1: the filter is turned by 180 degrees
}

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> filters: array<Vector>;
@group(0) @binding(2) var<storage, read_write> U: array<Vector>;

// Four outputs at once take 1.4 times as long on a software adapter.
alias Vector = vec2f;
const WORKGROUP: u32 = 64; //#param

//#slot tile
//#include "lib/winograd-2.wgsl"
//#end
//#include "lib/split.wgsl"

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) invocation: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = invocation.y * groups.x * WORKGROUP + invocation.x;
  if (i >= dims.groups * dims.size) { return; }
  let group = split(i, dims.size);

  // Down the columns of the filter, then along its rows.
  var columns: array<array<Vector, POINTS>, 3>;
  for (var t = 0u; t < 3; t++) {
    var g: array<Vector, 3>;
    for (var r = 0u; r < 3; r++) {
      let tap = select(3 * r + t, 8 - (3 * r + t), dims.turned == 1);
      g[r] = filters[(group.whole * 9 + tap) * dims.size + group.rest];
    }
    columns[t] = pointsOfFilter(g);
  }
  for (var p = 0u; p < POINTS; p++) {
    var points = pointsOfFilter(array(columns[0][p], columns[1][p], columns[2][p]));
    for (var q = 0u; q < POINTS; q++) { U[(p * POINTS + q) * dims.groups * dims.size + i] = points[q]; }
  }
}

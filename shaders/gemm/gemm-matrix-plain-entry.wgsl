// The entry of gemm/gemm-matrix.wgsl on adapters without matrix units: LANES successive invocations stand for a subgroup.
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) index: u32,
) {
  ownLane = index % LANES;
  makeTile(workgroup, workgroups, index, index / LANES, ownLane);
}

// Every row of x becomes as long as that of `like`; one that is all zero stays so. A group for each row.
//! parameters rows: u32, columns: u32
//! writes x: f32
//! reads like: f32
//! use sum/of_group

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
        @builtin(local_invocation_index) thread: u32) {
  let row = flat(group, groups);
  if (row >= parameters.rows) { return; }
  let first = row * parameters.columns;
  var own = 0.0;
  var wanted = 0.0;
  for (var i = thread; i < parameters.columns; i += 256u) {
    own += x(first + i) * x(first + i);
    wanted += like(first + i) * like(first + i);
  }
  own = sum_of_group(own, thread);
  wanted = sum_of_group(wanted, thread);
  if (own == 0.0) { return; }
  let factor = sqrt(wanted / own);
  for (var i = thread; i < parameters.columns; i += 256u) { set_x(first + i, x(first + i) * factor); }
}

// The first `columns` columns of every head of x to those of out: rows and heads are so many elements apart in either.
//! parameters count: u32, columns: u32, heads: u32, x_row: u32, x_head: u32, out_row: u32, out_head: u32
//! reads x: f32
//! writes out: f32

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
        @builtin(local_invocation_index) thread: u32) {
  let i = flat(group, groups) * 256u + thread;
  if (i >= parameters.count) { return; }
  let column = i % parameters.columns;
  let head = i / parameters.columns % parameters.heads;
  let row = i / parameters.columns / parameters.heads;
  set_out(row * parameters.out_row + head * parameters.out_head + column,
          x(row * parameters.x_row + head * parameters.x_head + column));
}

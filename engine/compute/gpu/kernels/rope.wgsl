// Turns the pairs of every head of x, and of y where there is one, each by one thread.
//! parameters rows: u32, x_heads: u32, y_heads: u32, head_dimension: u32
//! parameters positions: u32, frequencies: u32, pairs: u32, is_adjacent: u32, magnitude: f32
//! writes x: f32
//! writes y: f32
//! use rope/turn

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
        @builtin(local_invocation_index) thread: u32) {
  let pair = (flat(group, groups) * 256u + thread) % parameters.pairs;
  let heads = parameters.x_heads + parameters.y_heads;
  let head_of_all = (flat(group, groups) * 256u + thread) / parameters.pairs;
  let row = head_of_all / heads;
  if (row >= parameters.rows) { return; }
  let head = head_of_all % heads;
  let turn = turn_of(step_data[parameters.positions + row], pair);
  if (head < parameters.x_heads) {
    let at = (row * parameters.x_heads + head) * parameters.head_dimension + dimensions_of(pair);
    let after = turned(vec2f(x(at.x), x(at.y)), turn);
    set_x(at.x, after.x);
    set_x(at.y, after.y);
  } else {
    let at =
        (row * parameters.y_heads + head - parameters.x_heads) * parameters.head_dimension + dimensions_of(pair);
    let after = turned(vec2f(y(at.x), y(at.y)), turn);
    set_y(at.x, after.x);
    set_y(at.y, after.y);
  }
}

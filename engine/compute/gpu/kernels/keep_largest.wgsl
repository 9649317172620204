// x = max(0, x - (mean + deviations * s)), with the mean and the sample's standard deviation s of its row. A group for
// each row.
//! parameters rows: u32, columns: u32, deviations: f32
//! writes x: f32
//! use sum/of_group

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
        @builtin(local_invocation_index) thread: u32) {
  let row = flat(group, groups);
  if (row >= parameters.rows) { return; }
  let columns = parameters.columns;
  let first = row * columns;
  var sum = 0.0;
  for (var i = thread; i < columns; i += 256u) { sum += x(first + i); }
  let mean = sum_of_group(sum, thread) / f32(columns);
  var squares = 0.0;
  for (var i = thread; i < columns; i += 256u) { squares += (x(first + i) - mean) * (x(first + i) - mean); }
  let deviation = sqrt(sum_of_group(squares, thread) / f32(max(columns, 2u) - 1u));
  let least = mean + parameters.deviations * deviation;
  for (var i = thread; i < columns; i += 256u) { set_x(first + i, max(0.0, x(first + i) - least)); }
}

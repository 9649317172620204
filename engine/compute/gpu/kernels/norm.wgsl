// Every run of x on its own: (x - mean) / sqrt(mean of squares + epsilon) * weight + bias, with the mean of layer
// norms alone. `lanes` neighbouring threads share a run, so that heads leave few of a group's 256 idle.
//! parameters runs: u32, size: u32, lanes: u32, is_layer: u32, epsilon: f32
//! reads x: f32
//! reads weight: f32
//! reads bias: f32
//! writes out: f32
//! use sum/of_run

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
        @builtin(local_invocation_index) thread: u32) {
  let lanes = parameters.lanes;
  let size = parameters.size;
  let run = flat(group, groups) * (256u / lanes) + thread / lanes;
  let lane = thread % lanes;
  let begin = run * size;
  let end = select(0u, size, run < parameters.runs);

  var mean = 0.0;
  if (parameters.is_layer != 0u) {
    var sum = 0.0;
    for (var i = lane; i < end; i += lanes) { sum += x(begin + i); }
    mean = sum_of_run(sum, thread, lanes) / f32(size);
  }
  var squares = 0.0;
  for (var i = lane; i < end; i += lanes) {
    let value = x(begin + i) - mean;
    squares += value * value;
  }
  let factor = 1.0 / sqrt(sum_of_run(squares, thread, lanes) / f32(size) + parameters.epsilon);
  for (var i = lane; i < end; i += lanes) {
    var value = (x(begin + i) - mean) * factor;
    if (has_weight()) { value *= weight(i); }
    if (has_bias()) { value += bias(i); }
    set_out(begin + i, value);
  }
}

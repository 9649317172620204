// out = the sum over a row's experts of what they gave, times their weights; with `weighs` 0 of that alone, where the
// weights are in it already.
//! parameters count: u32, columns: u32, used: u32, pairs: u32, weighs: u32
//! reads x: f32
//! reads routes: u32
//! writes out: f32

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
        @builtin(local_invocation_index) thread: u32) {
  let i = flat(group, groups) * 256u + thread;
  if (i >= parameters.count) { return; }
  let first = i / parameters.columns * parameters.used;
  var sum = 0.0;
  for (var pair = first; pair < first + parameters.used; pair++) {
    var weight = 1.0;
    if (parameters.weighs != 0u) { weight = bitcast<f32>(routes(parameters.pairs + pair)); }
    sum = fma(weight, x(pair * parameters.columns + i % parameters.columns), sum);
  }
  set_out(i, sum);
}

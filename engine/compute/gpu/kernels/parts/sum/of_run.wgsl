// The sum of a value over each run of `lanes` neighbouring ones of a group's 256 threads, a power of two, for each of
// them: by halves, as lanes may be many (sum/of_lanes takes several sums one lane after the other).
var<workgroup> sum_of_run_parts: array<f32, 256>;

fn sum_of_run(value: f32, thread: u32, lanes: u32) -> f32 {
  workgroupBarrier();
  sum_of_run_parts[thread] = value;
  for (var half = lanes / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (thread % lanes < half) { sum_of_run_parts[thread] += sum_of_run_parts[thread + half]; }
  }
  workgroupBarrier();
  return sum_of_run_parts[thread - thread % lanes];
}

// The sum of a value over a group's 256 threads, for each of them.
var<workgroup> sum_of_group_parts: array<f32, 256>;

fn sum_of_group(value: f32, thread: u32) -> f32 {
  workgroupBarrier();
  sum_of_group_parts[thread] = value;
  for (var half = 128u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (thread < half) { sum_of_group_parts[thread] += sum_of_group_parts[thread + half]; }
  }
  workgroupBarrier();
  return sum_of_group_parts[0];
}

// SUMS sums at once over so many neighbouring threads, for each of them: a power of two of a group's 256. They are
// taken in the order of the threads.
var<workgroup> sum_of_lanes_parts: array<array<f32, SUMS>, 256>;

fn sum_of_lanes(values: array<f32, SUMS>, thread: u32, lanes: u32) -> array<f32, SUMS> {
  if (lanes == 1u) { return values; }
  workgroupBarrier();
  sum_of_lanes_parts[thread] = values;
  workgroupBarrier();
  let first = thread / lanes * lanes;
  var sums = sum_of_lanes_parts[first];
  for (var lane = 1u; lane < lanes; lane++) {
    for (var i = 0u; i < SUMS; i++) { sums[i] += sum_of_lanes_parts[first + lane][i]; }
  }
  return sums;
}

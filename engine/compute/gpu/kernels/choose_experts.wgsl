// Which experts a row goes through and how it weighs them (ExpertParameters, engine/compute/backend.h): routes has the
// numbers of their matrices, `used` for each row, and behind those of all rows their weights. A group for each row.
//! parameters rows: u32, count: u32, used: u32, gating: u32, groups: u32, groups_used: u32, normalizes: u32
//! parameters weight_scale: f32, sharing: u32
//! reads logits: f32
//! reads selection_bias: f32
//! writes routes: u32
//! use activation/exponentials
//! use sum/of_group

// In the order of ExpertGating.
const SOFTMAX = 0u;
const SIGMOID = 1u;
const SOFTMAX_OF_CHOSEN = 2u;

const LEAST = -3.4e38;

var<workgroup> scores: array<f32, 1024>;      // by which experts are weighed
var<workgroup> choices: array<f32, 1024>;     // by which they are chosen
var<workgroup> group_scores: array<f32, 256>;
var<workgroup> chosen: array<u32, 256>;       // the best first

fn take_softmax(thread: u32) {
  var largest = scores[0];
  for (var i = 1u; i < parameters.count; i++) { largest = max(largest, scores[i]); }
  workgroupBarrier();
  var own = 0.0;
  for (var i = thread; i < parameters.count; i += 256u) {
    scores[i] = exp(scores[i] - largest);
    own += scores[i];
  }
  let sum = sum_of_group(own, thread);
  for (var i = thread; i < parameters.count; i += 256u) { scores[i] /= sum; }
}

// The sum of the two best of a group; of one its score.
fn score_of_group(number: u32) -> f32 {
  let size = parameters.count / parameters.groups;
  var best = LEAST;
  var second = LEAST;
  for (var i = number * size; i < (number + 1u) * size; i++) {
    second = max(second, min(best, choices[i]));
    best = max(best, choices[i]);
  }
  return select(best + second, best, size == 1u);
}

// Whether a group is among the best; of equal ones the lower is the better.
fn is_used(number: u32) -> bool {
  var better = 0u;
  for (var i = 0u; i < parameters.groups; i++) {
    let other = group_scores[i];
    if (other > group_scores[number] || (other == group_scores[number] && i < number)) { better++; }
  }
  return better < parameters.groups_used;
}

fn leave_best_groups(thread: u32) {
  if (thread < parameters.groups) { group_scores[thread] = score_of_group(thread); }
  workgroupBarrier();
  for (var i = thread; i < parameters.count; i += 256u) {
    if (!is_used(i / (parameters.count / parameters.groups))) { choices[i] = LEAST; }
  }
  workgroupBarrier();
}

// Each expert finds its place among all.
fn choose_best(thread: u32) {
  for (var i = thread; i < parameters.count; i += 256u) {
    var better = 0u;
    for (var j = 0u; j < parameters.count; j++) {
      if (choices[j] > choices[i] || (choices[j] == choices[i] && j < i)) { better++; }
    }
    if (better < parameters.used) { chosen[better] = i; }
  }
  workgroupBarrier();
}

fn weight_of(place: u32) -> f32 {
  var largest = 0.0;
  if (parameters.gating == SOFTMAX_OF_CHOSEN) {
    largest = LEAST;
    for (var i = 0u; i < parameters.used; i++) { largest = max(largest, scores[chosen[i]]); }
  }
  var own = 0.0;
  var sum = 0.0;
  for (var i = 0u; i < parameters.used; i++) {
    var weight = scores[chosen[i]];
    if (parameters.gating == SOFTMAX_OF_CHOSEN) { weight = exp(weight - largest); }
    if (i == place) { own = weight; }
    sum += weight;
  }
  // What is divided by a softmax's sum sums to 1.
  if (parameters.gating == SOFTMAX_OF_CHOSEN) { own /= sum; }
  else if (parameters.normalizes != 0u) { own /= max(sum, 0x1p-14); }
  return own * parameters.weight_scale;
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
        @builtin(local_invocation_index) thread: u32) {
  let row = flat(group, groups);
  if (row >= parameters.rows) { return; }
  for (var i = thread; i < parameters.count; i += 256u) {
    let logit = logits(row * parameters.count + i);
    scores[i] = logit;
    if (parameters.gating == SIGMOID) { scores[i] = sigmoid(logit); }
  }
  workgroupBarrier();
  if (parameters.gating == SOFTMAX) { take_softmax(thread); }
  for (var i = thread; i < parameters.count; i += 256u) {
    choices[i] = scores[i];
    if (has_selection_bias()) { choices[i] += selection_bias(i); }
  }
  workgroupBarrier();
  if (parameters.groups > 1u) { leave_best_groups(thread); }
  choose_best(thread);
  let pairs = parameters.rows * parameters.used;
  for (var i = thread; i < parameters.used; i += 256u) {
    set_routes(row * parameters.used + i, chosen[i] / parameters.sharing);
    set_routes(pairs + row * parameters.used + i, bitcast<u32>(weight_of(i)));
  }
}

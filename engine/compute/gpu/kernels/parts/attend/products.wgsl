// Products of QUERIES queries with keys, each loaded once. LANES neighbouring threads share a key, so that they read
// neighbouring words; KEYS keys are a pass. PLANES sums for each key of a pass lie in group memory at once, so that
// sums of BATCH passes are finished together: where queries are few, more passes.
const LANES = 8u;
const KEYS = 32u;
const PLANES = 4u + 4u * (QUERIES / 8u);
const BATCH = PLANES / QUERIES;

/// Elements of a query by fours: up to 640 for latent attention's 576, but 256 where there are 8 queries. All that a
/// group holds is within 16 KiB, or, of 8 queries, within 20 KiB.
const FOURS = 160u - 96u * (QUERIES / 8u);
var<workgroup> queries: array<vec4f, QUERIES * FOURS>;

/// Sums of a plane by lane and key: 36 words from lane to lane have neighbouring threads write to different banks, and
/// read from different ones.
const LANE_WORDS = 36u;
const PLANE_WORDS = LANES * LANE_WORDS;
var<workgroup> numbers: array<f32, PLANES * PLANE_WORDS>;

/// Elements [4 four, 4 four + 4) of a query, to be followed by a barrier.
fn set_query_four(query: u32, four: u32, elements: vec4f) { queries[query * FOURS + four] = elements; }

fn q_four(begin: u32, four: u32, dimension: u32) -> vec4f {
  var elements = vec4f(0.0);
  for (var i = 0u; i < 4u && 4u * four + i < dimension; i++) { elements[i] = q(begin + 4u * four + i); }
  return elements;
}

/// What the thread finds of all queries with a key of its own in pass `pass_of_batch`; `begin` and `slot` say where
/// that lies.
fn add_products(pass_of_batch: u32, has_key: bool, begin: u32, slot: u32, thread: u32) {
  var sums: array<f32, QUERIES>;
  for (var four = thread % LANES; has_key && 4u * four < parameters.key_dimension; four += LANES) {
    let key = kv_four(begin, slot, parameters.key_dimension, four);
    for (var query = 0u; query < QUERIES; query++) { sums[query] += dot(key, queries[query * FOURS + four]); }
  }
  let at = thread % LANES * LANE_WORDS + thread / LANES;
  for (var query = 0u; query < QUERIES; query++) {
    numbers[(pass_of_batch * QUERIES + query) * PLANE_WORDS + at] = sums[query];
  }
}

/// Threads below PLANES * KEYS: the product of query (thread / KEYS) % QUERIES with key thread % KEYS of pass
/// thread / KEYS / QUERIES of the batch.
fn product_of(thread: u32) -> f32 {
  let at = thread / KEYS * PLANE_WORDS + thread % KEYS;
  var product = 0.0;
  for (var lane = 0u; lane < LANES; lane++) { product += numbers[at + lane * LANE_WORDS]; }
  return product;
}

// The rows of a batch that are of one sequence, as RowsBySequence (engine/compute/gpu/rows_by_sequence.h) put them
// down.
struct Sequence { slot: u32, count: u32, rows: u32 }

fn sequence_of(sequences: u32, number: u32) -> Sequence {
  let at = sequences + 3u * number;
  return Sequence(step_data[at], step_data[at + 1u], step_data[at + 2u]);
}

fn row_of(sequence: Sequence, i: u32) -> u32 { return step_data[sequence.rows + i]; }

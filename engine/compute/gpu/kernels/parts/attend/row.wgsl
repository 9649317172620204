// A row of the batch as the step's data has it: what is seen is [first, end) of its positions, or of those that were
// chosen for it.
struct Row {
  row: u32,
  position: u32,
  first: u32,
  end: u32,
  chooses: bool,
}

const ROW_WORDS = 5u;

fn row_at(begin: u32) -> Row {
  return Row(step_data[begin], step_data[begin + 1u], step_data[begin + 2u], step_data[begin + 3u],
             step_data[begin + 4u] != 0u);
}

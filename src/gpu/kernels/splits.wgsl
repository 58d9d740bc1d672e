// How the positions held are split over workgroups while decoding; src/gpu/kernels/splits.ts counts the same way.
override SPLIT: u32;          // positions a split takes before there are more splits
override MAX_SPLITS: u32;
const NO_SCORE = -1.0e30;     // below any: the largest score of a split without positions

fn split_count(length: u32) -> u32 {
  return min((length + SPLIT - 1u) / SPLIT, MAX_SPLITS);
}

// Positions of each split; the last ones may have fewer, or none.
fn split_length(length: u32) -> u32 {
  let count = split_count(length);
  return (length + count - 1u) / count;
}

// While weights load: eight rows are woven together, so that one vector holds the same place of four rows and a product
// needs no sum across lanes. A matrix is then [rows / 8][words or columns][8 rows]: as many bytes as on disk.

/** [8 * octets, words] u32 -> [octets][words][8]. `threeBits` also makes room in each word: codes 5 to 9 from bit 16 on. */
export function weave32(source: usize, target: usize, octets: u32, words: u32, threeBits: bool): void {
  const stride = (<usize>words) << 2;
  for (let octet: u32 = 0; octet < octets; octet++) {
    for (let word: u32 = 0; word < words; word++) {
      for (let row: usize = 0; row < 8; row++) {
        let value = load<u32>(source + row * stride);
        if (threeBits) value = (value & 0x7fff) | ((value & 0x3fff8000) << 1);
        store<u32>(target, value);
        target += 4;
      }
      source += 4;
    }
    source += 7 * stride;
  }
}

/** [8 * octets, columns] of 16 bits -> [octets][columns][8]: scales, and the weights of q0f16. */
export function weave16(source: usize, target: usize, octets: u32, columns: u32): void {
  const stride = (<usize>columns) << 1;
  for (let octet: u32 = 0; octet < octets; octet++) {
    for (let column: u32 = 0; column < columns; column++) {
      for (let row: usize = 0; row < 8; row++) {
        store<u16>(target, load<u16>(source + row * stride));
        target += 2;
      }
      source += 2;
    }
    source += 7 * stride;
  }
}

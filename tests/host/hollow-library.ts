// A model library without a model: it has what web-llm's runtime links, and does nothing. With it web-llm goes on past the
// library, to the device, the tokenizer and the weights, and fails where the first tensor is to be made.

/** Exports that take anything and return 0 ("fine", or nothing). */
const SILENT = [
  '_initialize',
  'TVMWasmFreeSpace',
  'TVMFFIAnyViewToOwnedAny',
  'TVMFFIDataTypeToString',
  'TVMFFIErrorSetRaisedFromCStr',
  'TVMFFIFunctionCall',
  'TVMFFIFunctionSetGlobal',
  'TVMFFIGetTypeInfo',
  'TVMFFIObjectDecRef',
  'TVMFFIObjectIncRef',
  'TVMFFIWasmGetLastError',
];
/** Exports that write a handle where their second argument points. */
const GIVING = ['TVMFFIFunctionGetGlobal', 'TVMFFIWasmFunctionCreate'];

const I32 = 0x7f;
const count = (value: number): number[] =>
  value < 128 ? [value] : [(value & 127) | 128, ...count(value >> 7)];
const list = (items: number[][]): number[] => [...count(items.length), ...items.flat()];
const section = (id: number, body: number[]): number[] => [id, ...count(body.length), ...body];
const name = (text: string): number[] => [...count(text.length), ...new TextEncoder().encode(text)];
const code = (body: number[]): number[] => {
  const whole = [0, ...body, 0x0b]; // no locals; end
  return [...count(whole.length), ...whole];
};

/** The module's bytes. @param missing an export to leave out, as a library of another version would */
export function hollowLibrary(missing?: string): Uint8Array<ArrayBuffer> {
  const [nothing, one, two] = [0, 1, 2];
  const functions: { name: string; type: number; body: number[] }[] = [
    ...SILENT.map((export_) => ({ name: export_, type: nothing, body: [0x41, 0] })),
    // i32.store at the second argument of 8; then 0
    ...GIVING.map((export_) => ({ name: export_, type: two, body: [0x20, 1, 0x41, 8, 0x36, 2, 0, 0x41, 0] })),
    // A number of its own for each type it is asked about, where the second argument points.
    {
      name: 'TVMFFITypeKeyToIndex',
      type: two,
      body: [0x23, 1, 0x41, 1, 0x6a, 0x24, 1, 0x20, 1, 0x23, 1, 0x36, 2, 0, 0x41, 0],
    },
    // The old end of the heap; the heap then ends so much later, at a multiple of 8.
    {
      name: 'TVMWasmAllocSpace',
      type: one,
      body: [0x23, 0, 0x23, 0, 0x20, 0, 0x6a, 0x41, 7, 0x6a, 0x41, 0x78, 0x71, 0x24, 0],
    },
  ].filter(({ name: export_ }) => export_ !== missing);
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(
      1,
      list([
        [0x60, 0, 1, I32],
        [0x60, 1, I32, 1, I32],
        [0x60, 2, I32, I32, 1, I32],
      ]),
    ),
    ...section(3, list(functions.map(({ type }) => [type]))),
    ...section(5, list([[0, 64]])), // 4 MiB
    // The heap begins at 64 KiB, the types' numbers above TVM's own.
    ...section(
      6,
      list([
        [I32, 1, 0x41, 0x80, 0x80, 4, 0x0b],
        [I32, 1, 0x41, 0x80, 8, 0x0b],
      ]),
    ),
    ...section(
      7,
      list([
        [...name('memory'), 2, 0],
        ...functions.map(({ name: export_ }, index) => [...name(export_), 0, ...count(index)]),
      ]),
    ),
    ...section(10, list(functions.map(({ body }) => code(body)))),
  ]);
}

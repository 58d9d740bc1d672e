// The CPU engine's kernels, compiled by scripts/cpu-kernels.mjs with AssemblyScript: files here are not TypeScript, though
// they look alike. All pointers are byte addresses in the one memory that layout.ts divides; nothing allocates.

export { attend, attendTwo, rotate, storeHalves } from './attention';
export { columnQ3, columnQ4 } from './columns';
export { embedF16, gemmF16 } from './gemm-f16';
export { embedQ3, gemmQ3 } from './gemm-q3';
export { embedQ4, gemmQ4 } from './gemm-q4';
export { rmsNorm } from './norm';
export { weave16, weave32 } from './pack';
export { swiglu } from './swiglu';

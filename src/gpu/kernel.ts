// What a kernel is: WGSL text, the kinds of its buffers in binding order, and how its pipelines are told apart.

/** `read` and `write` are storage buffers (`write` is read_write in WGSL), `uniform` a uniform buffer. */
export type BindingKind = 'read' | 'write' | 'uniform';

export interface Kernel {
  /** Its file's name. */
  name: string;
  /** WGSL with the snippets it needs before it; entry point `main`. */
  code: string;
  /** Kind of @group(0) @binding(i), for each i. */
  bindings: readonly BindingKind[];
}

/** Values of the WGSL `override` constants; booleans as 0 and 1. */
export type Constants = Readonly<Record<string, number>>;

export type Grid = readonly [x: number, y: number, z: number];

/** A kernel compiled for one set of constants. */
export interface Pipeline {
  kernel: Kernel;
  gpu: GPUComputePipeline;
  layout: GPUBindGroupLayout;
}

/** One dispatch, ready to be encoded any number of times. */
export interface Dispatch {
  pipeline: Pipeline;
  bindGroup: GPUBindGroup;
  grid: Grid;
}

/**
 * Spreads `workgroups` over two dimensions, because one holds 65,535 at most (128,256 rows at one a workgroup would not fit).
 * The kernel computes its index as `id.y * num_workgroups.x + id.x` and returns where that is past the end.
 * @param limit the device's maxComputeWorkgroupsPerDimension
 */
export function spreadGrid(workgroups: number, limit: number): Grid {
  if (workgroups <= limit) return [workgroups, 1, 1];
  const rows = Math.ceil(workgroups / limit);
  return [Math.ceil(workgroups / rows), rows, 1];
}

// A GPU that computes nothing and takes time, for tests on a simulated clock: how long a pipeline compiles, how long dispatches run,
// and when a browser notices that they have. Everything of WebGPU that device.ts calls, and no more.

import { openDevice } from '../../src/gpu/device.ts';
import type { Device, DeviceOptions } from '../../src/gpu/device.ts';

/** One dispatch, as the cost of it is computed. */
export interface SimulatedDispatch {
  kernel: string;
  code: string;
  grid: readonly [number, number, number];
  /** Bytes of each binding. */
  bindings: readonly number[];
}

export interface SimulatedSubmit {
  label: string;
  /** Of its dispatches, alone on the GPU. */
  milliseconds: number;
  dispatches: number;
  /** When it was made. */
  at: number;
}

export interface SimulatedGpuOptions {
  /** Milliseconds until a pipeline is compiled; they compile one after another, as drivers mostly do. */
  compile?: number;
  /** Milliseconds of a dispatch. */
  cost: (dispatch: SimulatedDispatch) => number;
  /** Milliseconds between two looks of the browser at what is done, as Firefox's 100; 0: it knows at once. A submit looks, too. */
  lookEvery?: number;
  /** Milliseconds by which a result comes late besides. */
  latency?: number;
  features?: readonly string[];
  vendor?: string;
}

export interface SimulatedGpu {
  gpu: GPU;
  /** All that were made, with something in them. */
  submits: SimulatedSubmit[];
  pipelines: string[];
}

const USAGE = { MAP_READ: 1, MAP_WRITE: 2, COPY_SRC: 4, COPY_DST: 8, INDEX: 16, VERTEX: 32, UNIFORM: 64 };

/** WebGPU's constants, where there is no WebGPU. */
export function simulateGlobals(): void {
  Object.assign(globalThis, {
    GPUBufferUsage: { ...USAGE, STORAGE: 128, INDIRECT: 256, QUERY_RESOLVE: 512 },
    GPUMapMode: { READ: 1, WRITE: 2 },
    GPUShaderStage: { VERTEX: 1, FRAGMENT: 2, COMPUTE: 4 },
  });
}

export function simulateGpu(options: SimulatedGpuOptions): SimulatedGpu {
  const { compile = 5, cost, lookEvery = 0, latency = 0, features = [], vendor = 'simulated' } = options;
  const submits: SimulatedSubmit[] = [];
  const pipelines: string[] = [];
  let freeAt = 0;
  let compilerFreeAt = 0;
  /** What waits until the GPU has got so far. */
  let waiters: { at: number; resolve: () => void }[] = [];

  const look = (): void => {
    const now = performance.now();
    const ready = waiters.filter(({ at }) => at <= now);
    waiters = waiters.filter(({ at }) => at > now);
    ready.forEach(({ resolve }) => resolve());
  };
  const later = (milliseconds: number) =>
    new Promise<void>((resolve) => setTimeout(resolve, Math.max(0, Math.ceil(milliseconds))));
  /** Settles when the browser knows that everything submitted until now is done. */
  function done(): Promise<void> {
    const at = Math.max(freeAt, performance.now()) + latency;
    return new Promise((resolve) => {
      waiters.push({ at, resolve });
      const next = lookEvery > 0 ? Math.ceil((at + 1e-6) / lookEvery) * lookEvery : at;
      void later(next - performance.now()).then(look);
    });
  }

  function createBuffer({ size, usage }: GPUBufferDescriptor) {
    return {
      size,
      usage,
      mapAsync: done,
      // Whatever is read is 1: finite, and a token that is drawn.
      getMappedRange: () => new Uint32Array(size / 4).fill(1).buffer,
      unmap: () => undefined,
      destroy: () => undefined,
    };
  }

  function createCommandEncoder({ label = '' }: GPUCommandEncoderDescriptor) {
    const submit: SimulatedSubmit = { label, milliseconds: 0, dispatches: 0, at: 0 };
    let pipeline = { label: '', code: '' };
    let bindings: number[] = [];
    return {
      beginComputePass: () => ({
        setPipeline: (now: typeof pipeline) => (pipeline = now),
        setBindGroup: (_: number, group: { sizes: number[] }) => (bindings = group.sizes),
        dispatchWorkgroups(x: number, y: number, z: number) {
          submit.dispatches++;
          const { label: kernel, code } = pipeline;
          submit.milliseconds += cost({ kernel, code, grid: [x, y, z], bindings });
        },
        end: () => undefined,
      }),
      copyBufferToBuffer: () => undefined,
      finish: () => submit,
    };
  }

  const device = {
    lost: new Promise<never>(() => undefined),
    features: new Set(features),
    limits: {
      maxBufferSize: 2 ** 31,
      maxStorageBufferBindingSize: 2 ** 31,
      maxComputeWorkgroupsPerDimension: 65535,
    },
    addEventListener: () => undefined,
    pushErrorScope: () => undefined,
    popErrorScope: () => Promise.resolve(null),
    createBuffer,
    createBindGroupLayout: () => ({}),
    createPipelineLayout: () => ({}),
    createShaderModule: ({ code }: GPUShaderModuleDescriptor) => ({
      code,
      getCompilationInfo: () => Promise.resolve({ messages: [] }),
    }),
    async createComputePipelineAsync(pipeline: { label: string; compute: { module: { code: string } } }) {
      pipelines.push(pipeline.label);
      compilerFreeAt = Math.max(compilerFreeAt, performance.now()) + compile;
      await later(compilerFreeAt - performance.now());
      return { label: pipeline.label, code: pipeline.compute.module.code };
    },
    createBindGroup: ({ entries }: { entries: { resource: { buffer: GPUBuffer; size?: number } }[] }) => ({
      sizes: entries.map(({ resource: { buffer, size } }) => size ?? buffer.size),
    }),
    createCommandEncoder,
    queue: {
      writeBuffer: () => undefined,
      onSubmittedWorkDone: done,
      submit(list: SimulatedSubmit[]) {
        for (const submit of list) {
          submit.at = performance.now();
          freeAt = Math.max(freeAt, submit.at) + submit.milliseconds;
          submits.push(submit);
        }
        look();
      },
    },
    destroy: () => undefined,
  };
  const adapter = {
    info: { vendor, architecture: '', description: '' },
    features: device.features,
    limits: device.limits,
    requestDevice: () => Promise.resolve(device),
  };
  const gpu = {
    requestAdapter: () => Promise.resolve(adapter),
    wgslLanguageFeatures: ['packed_4x8_integer_dot_product'],
  };
  return { gpu: gpu as unknown as GPU, submits, pipelines };
}

export function openSimulated(simulated: SimulatedGpu, options: DeviceOptions = {}): Promise<Device> {
  return openDevice(simulated.gpu, { limits: 'adapter', ...options });
}

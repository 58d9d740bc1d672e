// The device, counted: every buffer, bind group, pipeline, dispatch and write of the engines goes through here.

import { EngineError } from '../failures.ts';
import type { AdapterInfo } from '../engine.ts';
import { zeroCounters } from './counters.ts';
import type { Counters } from './counters.ts';
import { compileError, gpuError, lostError } from './errors.ts';
import type { BindingKind, Constants, Dispatch, Kernel, Pipeline } from './kernel.ts';
import { specialize } from './specialize.ts';
import { needsTick, waiting } from './tick.ts';
import type { Wait } from './tick.ts';

/** What is encoded into one command buffer, in order. */
export interface Commands {
  /** One compute pass. */
  pass(dispatches: Iterable<Dispatch>): void;
  copy(from: GPUBuffer, fromOffset: number, to: GPUBuffer, toOffset: number, bytes: number): void;
}

export interface BufferSlice {
  buffer: GPUBuffer;
  offset: number;
  size: number;
}

export interface Device {
  readonly raw: GPUDevice;
  readonly info: AdapterInfo;
  readonly limits: GPUSupportedLimits;
  /** Optional features that the device was given, and what its WGSL knows beyond the base language. */
  readonly features: ReadonlySet<string>;
  /** Live: read it, don't write it. */
  readonly counters: Counters;
  /** Settles when the device is lost or closed; never rejects. */
  readonly lost: Promise<EngineError>;
  /** Throws what went wrong with the device since it was opened, if anything did. */
  check(): void;
  /** What an exception out of WebGPU was: the device's own failure where there is one. */
  explain(error: unknown, what: string): Promise<EngineError>;
  /** Runs `work` (synchronous) under error scopes. Throws "out-of-memory", "device-lost" or "internal". */
  guard<T>(what: string, work: () => T): Promise<T>;
  createBuffer(label: string, bytes: number, usage: GPUBufferUsageFlags): GPUBuffer;
  destroyBuffer(buffer: GPUBuffer): void;
  writeBuffer(buffer: GPUBuffer, offset: number, data: ArrayBufferView<ArrayBuffer>): void;
  /** Compiled once for each kernel and set of constants. Throws with line, column and text of a WGSL error. */
  pipeline(kernel: Kernel, constants: Constants): Promise<Pipeline>;
  bindGroup(pipeline: Pipeline, buffers: readonly (GPUBuffer | BufferSlice)[]): GPUBindGroup;
  submit(label: string, encode: (commands: Commands) => void): void;
  /** Waits for a promise of the GPU's: where a browser looks too seldom, it is made to look. */
  wait: Wait;
  /** When the GPU has done what was submitted. Throws "device-lost" and what `check` throws. */
  idle(): Promise<void>;
  /** A copy of a buffer's bytes, when the GPU got there. For tests and tools: allocates, and waits. */
  readBuffer(buffer: GPUBuffer, offset: number, bytes: number): Promise<ArrayBuffer>;
  /** Frees everything. */
  close(): void;
}

export interface DeviceOptions {
  /** 'base' (the default) asks for no limit, so that the smallest GPU's are enforced; 'adapter' for buffers as large as it has. */
  limits?: 'base' | 'adapter';
  powerPreference?: GPUPowerPreference;
  /** Asked for where the adapter has them. Without them (the default) the smallest GPU's are enforced, as limits are. */
  features?: readonly OptionalFeature[];
  /** Whether the browser must be made to look for results (tick.ts). Left out, its name says so. */
  tick?: boolean;
}

/** What variants of kernels may need (kernels/variants.ts). */
export const OPTIONAL_FEATURES = ['shader-f16', 'subgroups'] as const;
export type OptionalFeature = (typeof OPTIONAL_FEATURES)[number];

/** Opens the adapter's device. Throws "adapter-missing". Keep `gpu` alive as long as the device (Dawn in Node needs it). */
export async function openDevice(gpu: GPU, options: DeviceOptions = {}): Promise<Device> {
  const adapter = await gpu.requestAdapter(
    options.powerPreference === undefined ? {} : { powerPreference: options.powerPreference },
  );
  if (adapter === null) throw new EngineError('adapter-missing', 'WebGPU has no adapter here');
  const requiredLimits: Record<string, number> = {};
  if (options.limits === 'adapter') {
    requiredLimits['maxBufferSize'] = adapter.limits.maxBufferSize;
    requiredLimits['maxStorageBufferBindingSize'] = adapter.limits.maxStorageBufferBindingSize;
  }
  const features = (options.features ?? []).filter((name) => adapter.features.has(name));
  let raw: GPUDevice;
  try {
    raw = await adapter.requestDevice({ requiredLimits, requiredFeatures: features });
  } catch (error) {
    throw new EngineError('adapter-missing', `The adapter gave no device: ${String(error)}`, {}, error);
  }
  // Older browsers have no `info`, and Safari on iOS not all of it.
  const {
    vendor = '',
    architecture = '',
    description = '',
  } = (adapter as { info?: Partial<GPUAdapterInfo> }).info ?? {};
  // Older browsers have no list of extensions of the language.
  const language = (gpu as { wgslLanguageFeatures?: Iterable<string> }).wgslLanguageFeatures ?? [];
  const known = new Set<string>([...features, ...language]);
  const { userAgent } = (globalThis as { navigator?: { userAgent?: string } }).navigator ?? {};
  const wait = waiting(raw.queue, options.tick ?? needsTick(userAgent));
  return countedDevice(raw, { vendor, architecture, description, features }, known, wait);
}

function countedDevice(raw: GPUDevice, info: AdapterInfo, features: ReadonlySet<string>, wait: Wait): Device {
  const counters = zeroCounters();
  const live = new Set<GPUBuffer>();
  const layouts = new Map<string, GPUBindGroupLayout>();
  const pipelines = new Map<string, Promise<Pipeline>>();
  let failure: EngineError | undefined;

  const lost = raw.lost.then((loss) => {
    const error = lostError(loss);
    failure = error;
    return error;
  });
  raw.addEventListener('uncapturederror', (event) => {
    failure ??= gpuError(event.error, 'GPU');
  });

  function check(): void {
    if (failure !== undefined) throw failure;
  }

  async function explain(error: unknown, what: string): Promise<EngineError> {
    if (error instanceof EngineError) return error;
    // `lost` settles in a microtask of its own, often after the promise that failed because of it.
    await Promise.race([lost, new Promise((resolve) => setTimeout(resolve, 0))]);
    return failure ?? new EngineError('internal', `${what}: ${String(error)}`, { what }, error);
  }

  async function guard<T>(what: string, work: () => T): Promise<T> {
    check();
    for (const filter of ['validation', 'internal', 'out-of-memory'] as const) raw.pushErrorScope(filter);
    let result: T;
    let thrown: { error: unknown } | undefined;
    try {
      result = work();
    } catch (error) {
      thrown = { error };
    }
    const scopes = [raw.popErrorScope(), raw.popErrorScope(), raw.popErrorScope()];
    try {
      const errors = await Promise.all(scopes);
      const error = errors.find((found) => found !== null);
      if (error) throw gpuError(error, what);
      if (thrown) throw thrown.error;
    } catch (error) {
      throw await explain(error, what);
    }
    check();
    return result!;
  }

  function createBuffer(label: string, bytes: number, usage: GPUBufferUsageFlags): GPUBuffer {
    const size = Math.max(4, Math.ceil(bytes / 4) * 4);
    const buffer = raw.createBuffer({ label, size, usage });
    live.add(buffer);
    counters.createBuffer++;
    counters.gpuBytes += size;
    counters.peakGpuBytes = Math.max(counters.peakGpuBytes, counters.gpuBytes);
    return buffer;
  }

  function destroyBuffer(buffer: GPUBuffer): void {
    if (!live.delete(buffer)) return;
    counters.gpuBytes -= buffer.size;
    buffer.destroy();
  }

  function bindGroupLayout(bindings: readonly BindingKind[]): GPUBindGroupLayout {
    const key = bindings.join();
    let layout = layouts.get(key);
    if (layout === undefined) {
      const types = { read: 'read-only-storage', write: 'storage', uniform: 'uniform' } as const;
      layout = raw.createBindGroupLayout({
        entries: bindings.map((kind, binding) => ({
          binding,
          visibility: GPUShaderStage.COMPUTE,
          buffer: { type: types[kind] },
        })),
      });
      layouts.set(key, layout);
    }
    return layout;
  }

  async function createModule({ name, code: text }: Kernel, constants: Constants): Promise<GPUShaderModule> {
    const code = specialize(text, constants);
    // The scope keeps a compile error from being reported a second time, as an uncaptured one.
    raw.pushErrorScope('validation');
    const module = raw.createShaderModule({ label: name, code });
    const scope = raw.popErrorScope();
    const compilation = await module.getCompilationInfo();
    await scope;
    const error = compileError(name, code, compilation.messages);
    if (error !== undefined) throw error;
    return module;
  }

  async function compile(kernel: Kernel, constants: Constants): Promise<Pipeline> {
    check();
    try {
      const module = await createModule(kernel, constants);
      const layout = bindGroupLayout(kernel.bindings);
      counters.createPipeline++;
      const gpu = await raw.createComputePipelineAsync({
        label: kernel.name,
        layout: raw.createPipelineLayout({ bindGroupLayouts: [layout] }),
        compute: { module, entryPoint: 'main' },
      });
      return { kernel, gpu, layout };
    } catch (error) {
      throw await explain(error, `pipeline ${kernel.name} ${JSON.stringify(constants)}`);
    }
  }

  function pipeline(kernel: Kernel, constants: Constants): Promise<Pipeline> {
    const key = `${kernel.code}\n${JSON.stringify(Object.entries(constants).sort())}`;
    let compiled = pipelines.get(key);
    if (compiled === undefined) {
      compiled = compile(kernel, constants);
      pipelines.set(key, compiled);
      compiled.catch(() => pipelines.delete(key));
    }
    return compiled;
  }

  function bindGroup(of: Pipeline, buffers: readonly (GPUBuffer | BufferSlice)[]): GPUBindGroup {
    counters.createBindGroup++;
    return raw.createBindGroup({
      label: of.kernel.name,
      layout: of.layout,
      entries: buffers.map((item, binding) => ({
        binding,
        resource: 'buffer' in item ? item : { buffer: item },
      })),
    });
  }

  function submit(label: string, encode: (commands: Commands) => void): void {
    const encoder = raw.createCommandEncoder({ label });
    encode({
      pass(dispatches) {
        const pass = encoder.beginComputePass();
        counters.computePasses++;
        for (const {
          pipeline: { gpu },
          bindGroup: group,
          grid,
        } of dispatches) {
          pass.setPipeline(gpu);
          pass.setBindGroup(0, group);
          pass.dispatchWorkgroups(grid[0], grid[1], grid[2]);
          counters.dispatches++;
        }
        pass.end();
      },
      copy(from, fromOffset, to, toOffset, bytes) {
        encoder.copyBufferToBuffer(from, fromOffset, to, toOffset, bytes);
        if (to.usage & GPUBufferUsage.MAP_READ) counters.readbackBytes += bytes;
      },
    });
    raw.queue.submit([encoder.finish()]);
    counters.submits++;
  }

  async function idle(): Promise<void> {
    check();
    try {
      // Some browsers leave the promise of a lost device's queue pending.
      await wait(Promise.race([raw.queue.onSubmittedWorkDone(), lost]));
    } catch (error) {
      throw await explain(error, 'waiting for the GPU');
    }
    check();
  }

  async function readBuffer(buffer: GPUBuffer, offset: number, bytes: number): Promise<ArrayBuffer> {
    check();
    const staging = createBuffer('readback', bytes, GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST);
    try {
      submit('readback', (commands) => commands.copy(buffer, offset, staging, 0, staging.size));
      await wait(Promise.race([staging.mapAsync(GPUMapMode.READ), lost]));
      check();
      return staging.getMappedRange().slice(0, bytes);
    } catch (error) {
      throw await explain(error, 'readback');
    } finally {
      destroyBuffer(staging);
    }
  }

  return {
    raw,
    info,
    limits: raw.limits,
    features,
    counters,
    lost,
    check,
    explain,
    guard,
    createBuffer,
    destroyBuffer,
    writeBuffer(buffer, offset, data) {
      raw.queue.writeBuffer(buffer, offset, data);
      counters.writeBuffer++;
      counters.writtenBytes += data.byteLength;
    },
    pipeline,
    bindGroup,
    submit,
    wait,
    idle,
    readBuffer,
    close() {
      for (const buffer of [...live]) destroyBuffer(buffer);
      pipelines.clear();
      raw.destroy();
    },
  };
}

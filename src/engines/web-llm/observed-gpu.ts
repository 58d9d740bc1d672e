// web-llm opens its device by itself and tells nobody when it goes: its devices are caught as they are made.

import { EngineError } from '../../failures.ts';
import type { AdapterInfo } from '../../engine.ts';

/** What web-llm's runtime asks of every adapter (its detectGPUDevice), refused here before the weights are read. */
const NEEDED_LIMITS = {
  maxBufferSize: 256 * 2 ** 20,
  maxStorageBufferBindingSize: 128 * 2 ** 20,
  maxComputeWorkgroupStorageSize: 32 * 2 ** 10,
  maxStorageBuffersPerShaderStage: 10,
} as const;

export interface Observed {
  info: AdapterInfo;
  /** Settles when a device of web-llm's is lost without having been let go. */
  lost: Promise<EngineError>;
  /** Bytes of the buffers that live on its devices. */
  gpuBytes(): number;
  /** Destroys every device and hands `requestAdapter` back. */
  end(): void;
}

/**
 * Checks the adapter for web-llm and catches the devices made from now on.
 * Throws "adapter-missing", "limit-too-low", "feature-missing".
 * @param needsF16 the model's library computes in 16 bits
 */
export async function observeGpu(gpu: GPU, needsF16: boolean): Promise<Observed> {
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' }).catch(() => null);
  if (!adapter) throw new EngineError('adapter-missing', 'WebGPU has no adapter');
  for (const [limit, expected] of Object.entries(NEEDED_LIMITS)) {
    const actual = adapter.limits[limit as keyof typeof NEEDED_LIMITS];
    if (actual < expected) {
      throw new EngineError('limit-too-low', `${limit} is ${actual}, web-llm needs ${expected}`, {
        limit,
        expected,
        actual,
      });
    }
  }
  if (needsF16 && !adapter.features.has('shader-f16')) {
    throw new EngineError('feature-missing', 'web-llm needs shader-f16 for this model', {
      feature: 'shader-f16',
    });
  }

  const devices: GPUDevice[] = [];
  let bytes = 0;
  let ended = false;
  let lose: (error: EngineError) => void = () => undefined;
  const lost = new Promise<EngineError>((resolve) => (lose = resolve));
  const watch = (device: GPUDevice): GPUDevice => {
    devices.push(device);
    void device.lost.then(({ reason, message }) => {
      if (!ended)
        lose(new EngineError('device-lost', `web-llm's device was lost: ${message}`, { why: reason }));
    });
    const createBuffer = device.createBuffer.bind(device);
    device.createBuffer = (descriptor) => {
      const buffer = createBuffer(descriptor);
      const destroy = buffer.destroy.bind(buffer);
      let held = descriptor.size;
      bytes += held;
      buffer.destroy = () => {
        bytes -= held;
        held = 0;
        return destroy();
      };
      return buffer;
    };
    return device;
  };

  const requestAdapter = gpu.requestAdapter.bind(gpu);
  gpu.requestAdapter = async (options) => {
    const found = await requestAdapter(options);
    if (!found) return found;
    const requestDevice = found.requestDevice.bind(found);
    found.requestDevice = async (descriptor) => watch(await requestDevice(descriptor));
    return found;
  };

  const { vendor, architecture, description } = adapter.info;
  const features = ['shader-f16', 'subgroups'].filter((feature) => adapter.features.has(feature));
  return {
    info: { vendor, architecture, description, features },
    lost,
    gpuBytes: () => bytes,
    end() {
      ended = true;
      gpu.requestAdapter = requestAdapter;
      for (const device of devices) device.destroy();
    },
  };
}

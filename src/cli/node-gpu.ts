// WebGPU in Node: Dawn from npm, on the system's driver or, where there is none, on the software one a browser brings.

import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { EngineError } from '../failures.ts';
import { softwareVulkan } from '../../scripts/browser.mjs';
import { passSignals } from '../../scripts/pass-signals.mjs';

/** Dawn frees adapters and devices with the object that made them: both live as long as the process. */
const kept: (GPU | GPUAdapter)[] = [];
/** Set in the process started again with a software driver, so that it happens once. */
const RESTARTED = 'YUPANA_SOFTWARE_VULKAN';

/**
 * SwiftShader clears workgroup memory by one instruction a word, and compiling those takes seconds a kernel; without this
 * extension Dawn clears it by a loop in the shader instead.
 */
const CLEAR_BY_LOOP = 'disable-dawn-features=use_vulkan_zero_initialize_workgroup_memory_extension';

/** What Dawn is started with: whoever chose SwiftShader, this command by starting again or the caller's environment. */
export function dawnFlags(env: Readonly<Record<string, string | undefined>>): string[] {
  const drivers = [env['VK_ICD_FILENAMES'], env['VK_DRIVER_FILES']];
  const software = env[RESTARTED] !== undefined || drivers.some((files) => /swiftshader/i.test(files ?? ''));
  return software ? [CLEAR_BY_LOOP] : [];
}

/**
 * A `GPU` that has an adapter. On Linux without a Vulkan driver the whole command is run again under the software
 * driver of an installed Chromium, because the dynamic linker reads its path at a process's start; then this function
 * never returns. Throws "adapter-missing" with what to install.
 */
export async function openGpu(): Promise<GPU> {
  if (process.platform === 'linux' && !process.env[RESTARTED] && !hasVulkanDriver())
    await restartWithSoftware();
  const { create, globals } = await import('webgpu').catch((cause: unknown) => {
    const what = 'the package webgpu, which has WebGPU for Node, is not installed: npm install webgpu';
    throw new EngineError('adapter-missing', what, {}, cause);
  });
  Object.assign(globalThis, globals);
  const gpu = create(dawnFlags(process.env));
  kept.push(gpu);
  const adapter = await gpu.requestAdapter();
  if (adapter) {
    kept.push(adapter);
    return gpu;
  }
  if (!process.env[RESTARTED]) await restartWithSoftware();
  throw new EngineError(
    'adapter-missing',
    'No WebGPU adapter: no graphics driver was found, nor a Chromium whose software driver could stand in. ' +
      'Install a Vulkan driver for your GPU, or Chromium (Debian, Ubuntu: apt install chromium), and try again.',
  );
}

/** Vulkan's loader reads drivers from these places; asking Dawn without any prints its C++ stack on stderr. */
function hasVulkanDriver(): boolean {
  if (process.env.VK_ICD_FILENAMES ?? process.env.VK_DRIVER_FILES) return true;
  return ['/usr/share/vulkan/icd.d', '/etc/vulkan/icd.d', '/usr/local/share/vulkan/icd.d'].some(
    (folder) => existsSync(folder) && readdirSync(folder).length > 0,
  );
}

async function restartWithSoftware(): Promise<void> {
  const software = softwareVulkan();
  if (!software) return;
  process.removeAllListeners('SIGINT').removeAllListeners('SIGTERM');
  const child = spawn(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
    stdio: 'inherit',
    env: { ...process.env, ...software, [RESTARTED]: '1' },
  });
  passSignals(child);
  process.exit(await new Promise<number>((resolve) => child.on('close', (status) => resolve(status ?? 1))));
}

import { expect, it } from 'vitest';
import { dawnFlags } from './node-gpu.ts';

it('clears workgroup memory by a loop wherever SwiftShader computes, and only there', () => {
  const swiftshader = '/usr/lib/chromium/vk_swiftshader_icd.json';
  expect(dawnFlags({ VK_ICD_FILENAMES: swiftshader })).toHaveLength(1);
  expect(dawnFlags({ VK_DRIVER_FILES: swiftshader })).toHaveLength(1);
  expect(dawnFlags({ YUPANA_SOFTWARE_VULKAN: '1' })).toHaveLength(1);
  expect(dawnFlags({ VK_ICD_FILENAMES: '/usr/share/vulkan/icd.d/radeon_icd.x86_64.json' })).toEqual([]);
  expect(dawnFlags({})).toEqual([]);
});

import { everywhere, type WaysOut } from '../texts.ts';

export const ways: WaysOut = {
  'insecure-context': everywhere(
    'Open Yupana at an https:// address.',
    'On this very computer http://localhost works too.',
    'An address such as http://192.168.1.10 is not enough: there the browser gives neither WebGPU nor use without internet.',
  ),
  'storage-missing': everywhere(
    'If this is a private window, open Yupana in a normal one.',
    "In the browser's settings, allow sites to store data.",
  ),
  'webgpu-missing': {
    windows: [
      'Open Yupana in Chrome or Edge 113 or newer, or in Firefox 141 or newer.',
      'If you use one of them already, update it: menu ⋮ › Help › About.',
      'Then restart the browser and check again.',
    ],
    linux: [
      'Open Yupana in Chrome 144 or newer; for now it brings WebGPU on Linux for recent Intel graphics and NVIDIA.',
      'With other graphics, type chrome://flags/#enable-unsafe-webgpu in the address bar, choose “Enabled”, turn on #enable-vulkan too and restart.',
      'Firefox on Linux does not have it turned on yet.',
    ],
    chromeos: [
      'Update ChromeOS: Settings › About ChromeOS › Check for updates.',
      'If your school manages the computer, ask them to allow WebGPU.',
    ],
    macos: [
      'Open Yupana in Chrome or Edge 113 or newer, or in Safari 26.',
      'If you use Safari, update macOS.',
    ],
    other: [
      'Open Yupana on a computer, with a recent version of Chrome or Edge.',
      'On an Android phone Chrome 121 or newer works; on an iPhone, iOS 26.',
    ],
  },
  'adapter-missing': {
    windows: [
      'In Chrome or Edge: Settings › System › turn on “Use graphics acceleration when available” and restart the browser.',
      'Update the graphics driver: Windows Settings › Windows Update › Advanced options › Optional updates.',
      'If nothing changes, open chrome://gpu and see what the WebGPU line says.',
    ],
    linux: [
      'Install the Vulkan drivers (on Debian and Ubuntu, the package mesa-vulkan-drivers) and restart the browser.',
      'If nothing changes, turn on chrome://flags/#enable-unsafe-webgpu and #enable-vulkan, and restart.',
      'The page chrome://gpu says in its WebGPU line what is missing.',
    ],
    chromeos: [
      'Update ChromeOS and restart the computer.',
      'Very old models have no graphics that WebGPU can use.',
    ],
    macos: [
      'In Chrome: Settings › System › turn on “Use graphics acceleration when available” and restart.',
      'Update macOS.',
    ],
    other: ['Turn on hardware acceleration in the browser and restart it.', 'Update the system.'],
  },
  'limit-too-low': everywhere(
    'Update the graphics driver and the browser.',
    'If nothing changes, this graphics card is too small: use another computer.',
  ),
};

// What runs in each further thread. The composition root of the platform calls this from the thread's script.

import { createForward } from './forward.ts';
import { instantiateKernels } from './kernels.ts';
import { follow, seatAt, type ThreadStart } from './team.ts';

/** Takes its seat, says that it is ready, and follows. Resolves only where the team failed. */
export async function serveThread(
  { module, memory, plan, index }: ThreadStart,
  ready: () => void,
): Promise<void> {
  const kernels = await instantiateKernels(module, memory);
  const forward = createForward(plan, kernels, memory, seatAt(plan, memory, index));
  ready();
  follow(plan, memory, forward);
}

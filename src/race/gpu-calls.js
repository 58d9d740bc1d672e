// Counts what a thread asks of WebGPU. A plain script: the page also puts it before the code of workers that others start from
// blobs, so that every engine is counted by the same wrapper. Each thread answers on the channel with its counts.
(() => {
  const counts = {
    dispatches: 0,
    passes: 0,
    submits: 0,
    bindGroups: 0,
    buffers: 0,
    writes: 0,
    maps: 0,
    bytes: 0,
    peakBytes: 0,
  };
  const wrap = (type, method, before) => {
    const original = globalThis[type]?.prototype[method];
    if (!original) return;
    globalThis[type].prototype[method] = function (...args) {
      before(args, this);
      return original.apply(this, args);
    };
  };
  wrap('GPUComputePassEncoder', 'dispatchWorkgroups', () => counts.dispatches++);
  wrap('GPUComputePassEncoder', 'dispatchWorkgroupsIndirect', () => counts.dispatches++);
  wrap('GPUCommandEncoder', 'beginComputePass', () => counts.passes++);
  wrap('GPUQueue', 'submit', () => counts.submits++);
  wrap('GPUQueue', 'writeBuffer', () => counts.writes++);
  wrap('GPUDevice', 'createBindGroup', () => counts.bindGroups++);
  wrap('GPUBuffer', 'mapAsync', () => counts.maps++);
  wrap('GPUDevice', 'createBuffer', ([{ size }]) => {
    counts.buffers++;
    counts.bytes += size;
    counts.peakBytes = Math.max(counts.peakBytes, counts.bytes);
  });
  const gone = new WeakSet();
  wrap('GPUBuffer', 'destroy', (_, buffer) => {
    if (gone.has(buffer)) return;
    gone.add(buffer);
    counts.bytes -= buffer.size;
  });
  const channel = new BroadcastChannel('gpu-calls');
  channel.onmessage = ({ data }) => {
    if (data.ask !== undefined) channel.postMessage({ answer: data.ask, counts: { ...counts } });
  };
})();

// Whose engine runs a model, and what that changes.

import type { Dictionary } from '../es/dictionary.ts';

export const engines: Dictionary['engines'] = {
  label: 'Engine',
  names: { yupana: 'Yupana', 'web-llm': 'WebLLM' },
  auto: (name) => `Automatic (${name})`,
  summary: (name) => `Engine: ${name}`,
  hints: {
    yupana: "Yupana's own engine reads the model's weights as they lie; it needs nothing else.",
    'web-llm':
      'WebLLM, by MLC, computes with a library compiled for each model. It is downloaded once (6 MB) and then works without internet.',
  },
  lacks: {
    'top-k': 'it does not use top-k',
    'min-p': 'it does not use min-p',
    'prefix-reuse': 'after you edit a message it reads the whole conversation again',
  },
  lacksText: (list) => `With WebLLM: ${list}.`,
  onlyWebLlm: 'Yupana does not compute this architecture yet: only WebLLM can.',
  library: {
    stored:
      'The compiled library is stored with the model. Its SHA-256 was noted when it was downloaded, and “Check the files” compares it.',
    missing: "This model's compiled library is missing.",
    none: "MLC publishes no compiled library for this model. If you have one, put it into the model's folder before adding it.",
    get: 'Download the library',
    trust:
      'It is a program that MLC publishes on GitHub. Nobody publishes its sum: the first download pins it. It runs without access to the network.',
  },
  more: {
    title: 'More models, with WebLLM',
    text: 'Models of other architectures (Qwen, Gemma, Phi and more) that MLC publishes. Yupana has not tried them, they are not Latam-GPT, and each has a licence of its own: read it on its page.',
    search: 'Search by name',
    count: (count, all) => `${count} of ${all} models`,
    nothing: 'No model is called so.',
    memory: (size) => `needs about ${size} of graphics memory`,
    add: 'Add',
    addNamed: (name) => `Add ${name}`,
    there: 'already in the list',
    added: (name) => `${name} is in the list: now you can download it.`,
    about: (name) =>
      `${name}, published by MLC. It is not Latam-GPT. Yupana has not tried it; WebLLM computes it with a library that MLC publishes.`,
  },
};

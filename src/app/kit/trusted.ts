// The page's one Trusted Types policy: the only strings that become script URLs are our own workers and service worker.

interface ScriptURLPolicy {
  createScriptURL(url: string): unknown;
}
interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL: (url: string) => string }): ScriptURLPolicy;
}

const OURS = import.meta.env.DEV
  ? /\/src\/[\w/-]+\/(engine|engine-bench|engine-thread|engine-web-llm|download|pdf-thread)\.ts$/ // as Vite serves them, wherever they lie
  : /\/(assets\/(engine|download|pdf-thread)-[^/]*\.js|sw\.js)$/;

function checked(url: string): string {
  const resolved = new URL(url, document.baseURI);
  if (resolved.origin !== location.origin || !OURS.test(resolved.pathname))
    throw new TypeError(`not one of our scripts: ${url}`);
  return resolved.href;
}

const factory = (window as { trustedTypes?: TrustedTypes }).trustedTypes;
const policy: ScriptURLPolicy = factory?.createPolicy('yupana', { createScriptURL: checked }) ?? {
  createScriptURL: checked,
};

/** A script URL that `new Worker` and `register` accept under Trusted Types. The DOM's types know only strings here. */
export const scriptURL = (url: string): string => policy.createScriptURL(url) as string;

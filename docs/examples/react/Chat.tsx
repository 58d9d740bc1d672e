import { useEffect, useState } from 'react';
import { createEngine, EngineError, type YupanaEngine } from 'yupana';

/** An engine for as long as the component lives. StrictMode mounts twice: the two loads share one download. */
function useEngine(model: string): { engine?: YupanaEngine; state: string } {
  const [engine, setEngine] = useState<YupanaEngine>();
  const [state, setState] = useState('');
  useEffect(() => {
    const gone = new AbortController();
    createEngine(model, { initProgressCallback: ({ text }) => setState(text) }, { signal: gone.signal })
      .then((made) => {
        gone.signal.addEventListener('abort', () => void made.unload());
        if (gone.signal.aborted) return made.unload();
        return setEngine(made);
      })
      .catch((error: unknown) => {
        if (!(error instanceof EngineError && error.reason === 'aborted')) setState(String(error));
      });
    return () => gone.abort();
  }, [model]);
  return engine ? { engine, state } : { state };
}

export function Chat() {
  const { engine, state } = useEngine('./model/');
  const [answer, setAnswer] = useState('');
  const [tokens, setTokens] = useState<number>();

  async function ask(content: string): Promise<void> {
    if (!engine) return;
    setAnswer('');
    const chunks = await engine.chat.completions.create({
      messages: [{ role: 'user', content }],
      temperature: 0,
      max_tokens: 40,
      stream: true,
      stream_options: { include_usage: true },
    });
    for await (const { choices, usage } of chunks) {
      setAnswer((text) => text + (choices[0]?.delta.content ?? ''));
      if (usage) setTokens(usage.total_tokens);
    }
  }

  return (
    <>
      <p>{state}</p>
      <button disabled={!engine} onClick={() => void ask('¿Cuál es la capital de Bolivia?')}>
        Preguntar
      </button>
      <output data-tokens={tokens} data-done={tokens !== undefined}>
        {answer}
      </output>
    </>
  );
}

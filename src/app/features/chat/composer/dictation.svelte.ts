// Dictation, where the browser recognises speech on this computer (Web Speech API, `processLocally`). Where it would send
// the voice to a server it is not offered.

interface RecognitionEvent {
  resultIndex: number;
  results: ArrayLike<ArrayLike<{ transcript: string }> & { isFinal: boolean }>;
}

/** The parts of SpeechRecognition in use; TypeScript's DOM library has none of it. */
export interface Recognition {
  lang: string;
  continuous: boolean;
  interimResults: boolean;
  processLocally: boolean;
  onresult: ((event: RecognitionEvent) => void) | null;
  onerror: ((event: { error: string }) => void) | null;
  onend: (() => void) | null;
  start(): void;
  stop(): void;
  abort(): void;
}

export interface RecognitionMaker {
  new (): Recognition;
  prototype: object;
  available?: (options: { langs: string[]; processLocally: boolean }) => Promise<string>;
}

export class Dictation {
  /** Languages found to be recognised here. */
  private languages = $state.raw<readonly string[]>([]);
  listening = $state.raw(false);
  private readonly maker: RecognitionMaker | undefined;
  private current: Recognition | null = null;

  constructor(maker: RecognitionMaker | undefined) {
    this.maker = maker;
  }

  /** Finds out about a language. Nothing is downloaded for it. */
  async check(language: string): Promise<void> {
    const { maker } = this;
    if (!maker?.available || !('processLocally' in maker.prototype)) return;
    try {
      const found = await maker.available({ langs: [language], processLocally: true });
      if (found === 'available' && !this.offers(language)) this.languages = [...this.languages, language];
    } catch {
      // a browser that cannot say does not do it here
    }
  }

  offers(language: string): boolean {
    return this.languages.includes(language);
  }

  /** @param onText each finished piece of what was said */
  start(language: string, onText: (text: string) => void, onFailed: () => void): void {
    if (!this.maker || !this.offers(language) || this.current) return;
    const recognition = new this.maker();
    recognition.processLocally = true;
    recognition.lang = language;
    recognition.continuous = true;
    recognition.interimResults = false;
    recognition.onresult = ({ resultIndex, results }) => {
      for (let i = resultIndex; i < results.length; i++) {
        const result = results[i];
        if (result?.isFinal) onText(result[0]?.transcript.trim() ?? '');
      }
    };
    recognition.onerror = ({ error }) => {
      if (error !== 'aborted' && error !== 'no-speech') onFailed();
    };
    recognition.onend = () => {
      if (this.current !== recognition) return;
      this.current = null;
      this.listening = false;
    };
    this.current = recognition;
    this.listening = true;
    recognition.start();
  }

  stop(): void {
    this.current?.stop();
  }
}

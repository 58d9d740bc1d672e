// Reading aloud with a voice of this computer. A voice that is not local sends what it reads to its maker: such are never used.

import { createAnswer } from '../../../markdown/stream.ts';
import { visibleText } from '../../../markdown/visible-text.ts';

/** Engines stop, or say nothing, where a piece is long. */
const MAX_PIECE = 200;

/** Sentences, and what of them is still too long at its spaces. */
export function piecesToSay(text: string): string[] {
  const sentences = text.match(/[^.!?…\n]+[.!?…]*["”»)]*\s*|[.!?…\n]+/gu) ?? [];
  const pieces: string[] = [];
  let piece = '';
  const push = (): void => {
    if (/[\p{L}\p{N}]/u.test(piece)) pieces.push(piece.trim());
    piece = '';
  };
  for (const part of sentences.flatMap((sentence) =>
    sentence.length > MAX_PIECE ? sentence.split(/(?<=\s)/) : [sentence],
  )) {
    if (piece.length + part.length > MAX_PIECE) push();
    piece += part;
    if (part.endsWith('\n')) push();
  }
  push();
  return pieces;
}

type Synthesis = Pick<SpeechSynthesis, 'getVoices' | 'speak' | 'cancel' | 'addEventListener'>;

export class Speech {
  /** Voices of this computer; the browser's list may come late. */
  voices = $state.raw<readonly SpeechSynthesisVoice[]>([]);
  /** The message that is being read. */
  reading = $state.raw<string | null>(null);
  private readonly synthesis: Synthesis | undefined;
  private readonly say: (text: string) => SpeechSynthesisUtterance;
  private turn = 0;

  constructor(synthesis: Synthesis | undefined, say: (text: string) => SpeechSynthesisUtterance) {
    this.synthesis = synthesis;
    this.say = say;
    const list = (): void => {
      this.voices = (synthesis?.getVoices() ?? []).filter(({ localService }) => localService === true);
    };
    list();
    synthesis?.addEventListener('voiceschanged', list);
  }

  /** The best local voice for a language; null: there is none, and nothing is offered. */
  voiceFor(language: string): SpeechSynthesisVoice | null {
    const wanted = language.toLowerCase();
    const base = wanted.split('-')[0] ?? wanted;
    const tag = (voice: SpeechSynthesisVoice): string => voice.lang.toLowerCase().replace('_', '-');
    return (
      this.voices.find((voice) => tag(voice) === wanted) ??
      this.voices.find((voice) => tag(voice).split('-')[0] === base) ??
      null
    );
  }

  /** @param onFailed the voice could not */
  read(id: string, markdown: string, language: string, onFailed: () => void): void {
    this.stop();
    const voice = this.voiceFor(language);
    if (!this.synthesis || !voice) return;
    const turn = ++this.turn;
    const pieces = piecesToSay(visibleText(createAnswer().update(markdown, false).pages.flat()));
    if (pieces.length === 0) return;
    this.reading = id;
    const end = (): void => {
      if (turn === this.turn) this.reading = null;
    };
    for (const [i, piece] of pieces.entries()) {
      const utterance = this.say(piece);
      utterance.voice = voice;
      utterance.lang = voice.lang;
      if (i === pieces.length - 1) utterance.onend = end;
      utterance.onerror = ({ error }) => {
        if (turn !== this.turn || error === 'interrupted' || error === 'canceled') return;
        this.stop();
        onFailed();
      };
      this.synthesis.speak(utterance);
    }
  }

  stop(): void {
    this.turn++;
    this.reading = null;
    this.synthesis?.cancel();
  }
}

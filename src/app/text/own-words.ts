/** What a language says of itself, for whoever reads no other. */
export interface OwnWords {
  name: string;
  answerIn: string;
  unreachable: string;
}

/** The parts of lowlight's hast that are used. */
export interface HastNode {
  type: string;
  value?: string;
  properties?: { className?: unknown };
  children?: readonly HastNode[];
}

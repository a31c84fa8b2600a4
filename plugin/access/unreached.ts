import type { UnreachedNode } from '../../core/access/messages.ts';
import type { Terminal } from '../report/terminal.ts';

/** Names the nodes whose agents were not reached, each with why, and what that means. */
export function noteUnreached(terminal: Terminal, unreached: readonly UnreachedNode[], meaning: string): void {
  for (const { node, failure } of unreached) {
    const why = [failure.what, failure.why].filter((part) => part !== undefined).join(': ');
    terminal.note(`warning: ${node} ${meaning}: ${why}`);
  }
}

/**
 * Does the exchange that it is told, or undoes it, and kills itself with the call that changes something for the Nth time: before it, as after it is
 * before the next. Run by exchange-killed.test.ts.
 */
import { syncBuiltinESMExports } from 'node:module';
import type { StepOf } from '../../../core/operation/steps.ts';

const [way = '', root = '', after = '', step = ''] = process.argv.slice(2);
const files = process.getBuiltinModule('node:fs/promises') as unknown as Record<
  string,
  (...words: unknown[]) => unknown
>;
let left = Number(after);
for (const name of ['rename', 'mkdir', 'rmdir', 'rm', 'unlink', 'link', 'writeFile', 'cp']) {
  const change = files[name];
  files[name] = (...words) => {
    left -= 1;
    if (left < 0) process.kill(process.pid, 'SIGKILL');
    return change?.(...words);
  };
}
syncBuiltinESMExports();

const { HostRoot } = await import('../../../agent/host/root.ts');
const { exchangeStep } = await import('../../../agent/steps/exchange.ts');
const context = { node: 'n1', root: new HostRoot(root) } as Parameters<typeof exchangeStep.apply>[1];
await exchangeStep[way === 'undo' ? 'undo' : 'apply'](JSON.parse(step) as StepOf<'exchange'>, context);

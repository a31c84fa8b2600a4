import { messageOf } from '../../core/failure.ts';
import { askApiServer } from './api-server.ts';
import type { StepContext, StepDriver } from './step.ts';

const leases = '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases';

/**
 * A write that goes all the way through the API server into etcd, and comes back. A lease, as webhooks leave those alone. What does not go well
 * is a warning: the state is in place, and an API server that refuses writes has reasons that resuming would not mend.
 */
export const canaryStep: StepDriver<'canary'> = {
  apply: async ({ apiServer }, context) => {
    const name = `kubectl-etcd-canary-${context.operation}`;
    try {
      await written(name, apiServer, context);
      return undefined;
    } catch (thrown) {
      return { warning: `the API server of ${context.node} does not take a write yet: ${messageOf(thrown)}` };
    }
  },

  undo: () => Promise.resolve(),
};

async function written(name: string, place: Parameters<typeof askApiServer>[0], context: StepContext): Promise<void> {
  const ask = async (wanted: number, asked: Parameters<typeof askApiServer>[1]) => {
    const { status, body } = await askApiServer(place, asked, context);
    if (status !== wanted) throw new Error(`${asked.method ?? 'GET'} ${asked.path}: ${status} ${body.slice(0, 200)}`);
    return body;
  };
  const holderIdentity = context.operation;
  const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name }, spec: { holderIdentity } };
  await askApiServer(place, { path: `${leases}/${name}`, method: 'DELETE' }, context);
  await ask(201, { path: leases, method: 'POST', json: lease });
  const back = await ask(200, { path: `${leases}/${name}` });
  if (!back.includes(holderIdentity)) throw new Error('what was written did not come back');
  await ask(200, { path: `${leases}/${name}`, method: 'DELETE' });
}

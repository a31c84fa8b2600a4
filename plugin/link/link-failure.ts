import type { IncomingMessage } from 'node:http';
import * as v from 'valibot';
import { Failure } from '../../core/failure.ts';

const statusObject = v.object({
  status: v.optional(v.string()),
  message: v.optional(v.string()),
  reason: v.optional(v.string()),
});

/** Why the API server did not accept an exec: its own Status object says it best. */
export async function execRefused(response: IncomingMessage, node: string): Promise<Failure> {
  const why = statusMessage(await bodyOf(response)) ?? `HTTP ${response.statusCode ?? 'without a status'}`;
  if (response.statusCode === 401)
    return new Failure({
      reason: 'unauthorized',
      what: 'the API server does not accept your credentials',
      why,
      next: 'kubectl auth whoami, or renew what the kubeconfig refers to',
    });
  if (response.statusCode === 403)
    return new Failure({
      reason: 'forbidden',
      what: 'you may not exec into the agent (verbs create and get on pods/exec in its namespace)',
      node,
      why,
      next: 'bind yourself to the ClusterRole kubectl-etcd-operator of manifests/rbac.yaml',
    });
  if (response.statusCode === 404)
    return new Failure({
      reason: 'agent-gone',
      what: "the agent's pod is gone",
      node,
      why,
      next: 'kubectl etcd install',
    });
  return new Failure({
    reason: 'exec-refused',
    what: 'the API server refused the exec',
    node,
    why,
    next: 'kubectl etcd version',
  });
}

/** The stream ended without our doing. */
export function linkLost(node: string, stderr: string): Failure {
  return new Failure({
    reason: 'link-lost',
    what: 'the connection to the agent was lost',
    node,
    why: stderr.trim() === '' ? 'the API server or the agent went away' : stderr.trim(),
    next: 'run the command again; kubectl etcd status shows what answers',
  });
}

/** The far process has exited, which it only does on its own when something is wrong: `bridge` waits for us. */
export function exitedWith(statusText: string, stderr: string, node: string): Failure {
  const why = stderr.trim() || statusMessage(statusText) || 'it exited without a word';
  return new Failure({
    reason: 'agent-not-answering',
    what: "the agent's pod runs, but its agent does not answer",
    node,
    why,
    next: `kubectl -n kubectl-etcd logs -l app.kubernetes.io/name=kubectl-etcd-agent --prefix`,
  });
}

function statusMessage(text: string): string | undefined {
  try {
    const status = v.parse(statusObject, JSON.parse(text));
    return status.message ?? status.reason;
  } catch {
    return text.trim() === '' ? undefined : text.trim().slice(0, 300);
  }
}

async function bodyOf(response: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of response) {
    text += String(chunk);
    if (text.length > 16_384) break;
  }
  return text;
}

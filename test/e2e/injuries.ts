/** What is done to the lab, each undone at the end of its block: `await using paused = await pausedEtcd(stage, 'cp2')`. */
import { down } from '../lab/down.ts';
import { labShapeOf } from '../lab/lab-shape.ts';
import { up } from '../lab/up.ts';
import type { Stage } from './stage.ts';

/** Undone at the end of its block, or earlier by `undo`. */
export interface Injury extends AsyncDisposable {
  readonly undo: () => Promise<void>;
}

/** etcd on a node neither runs nor ends: it answers nobody, and its connections stay. */
export async function pausedEtcd({ shell }: Stage, node: string): Promise<Injury> {
  await shell(node, 'kill -STOP $(pidof etcd)');
  return undoing(() => shell(node, 'kill -CONT $(pidof etcd)'));
}

/** A file or folder of a node is not where it was. */
export async function movedAside({ shell }: Stage, node: string, path: string): Promise<Injury> {
  const aside = `/root/aside${path.replaceAll('/', '-')}`;
  await shell(node, `mv ${path} ${aside}`);
  return undoing(() => shell(node, `mv ${aside} ${path}`));
}

/** A file of a node has another content. Its owner and mode stay. */
export async function replaced(
  { shell }: Stage,
  { node, path, content }: { readonly node: string; readonly path: string; readonly content: string },
): Promise<Injury> {
  const aside = `/root/replaced${path.replaceAll('/', '-')}`;
  await shell(node, `cp -a ${path} ${aside} && printf %s '${content}' > ${path}`);
  return undoing(() => shell(node, `mv ${aside} ${path}`));
}

/** The node's network cable is pulled. Nobody is told: packets are lost, and its own link stays up. */
export async function unplugged({ lab }: Pick<Stage, 'lab'>, node: string): Promise<Injury> {
  await lab.happens('unplug', node);
  return undoing(() => lab.happens('plug', node));
}

/** These nodes are off, all at once. Undone, they boot; the cluster takes longer: `lab.untilHealthy`. */
export async function poweredOff({ lab }: Pick<Stage, 'lab'>, ...nodes: readonly string[]): Promise<Injury> {
  await lab.happens('power-cut', ...nodes);
  return undoing(() => lab.happens('boot', ...nodes));
}

/** No API server runs on any node, and no kubelet starts one. Undone, they come back; the cluster takes longer: `lab.untilHealthy`. */
export async function withoutApiServers(stage: Stage): Promise<Injury> {
  const manifest = '/etc/kubernetes/manifests/kube-apiserver.yaml';
  const nodes = stage.lab.nodes.map(({ name }) => name);
  const moved = await Promise.all(nodes.map((node) => movedAside(stage, node, manifest)));
  // The kubelet's own stop is a graceful one and takes half a minute; and it may just have begun to start another one.
  const end =
    'quiet=0; for i in $(seq 300); do if pkill -9 -x kube-apiserver; then quiet=0; else quiet=$((quiet+1)); fi; ' +
    '[ $quiet -ge 10 ] && exit 0; sleep 0.2; done; echo it comes back; exit 1';
  await Promise.all(nodes.map((node) => stage.shell(node, end)));
  return undoing(async () => {
    await Promise.all(moved.map(({ undo }) => undo()));
    // A kubelet that was started without an API server may not see a manifest that comes back (k8s#105543).
    await Promise.all(nodes.map((node) => stage.shell(node, 'systemctl restart kubelet')));
  });
}

/** The kubelet of a node does not run: nobody gets in by exec, and no pod is started or ended. */
export async function withoutKubelet({ shell }: Stage, node: string): Promise<Injury> {
  await shell(node, 'systemctl stop kubelet');
  return undoing(() => shell(node, 'systemctl start kubelet'));
}

/** Waits until etcd on a node has gone, or has come. */
export async function untilEtcd({ shell }: Stage, node: string, wanted: 'gone' | 'there'): Promise<void> {
  const question = wanted === 'gone' ? '! pidof etcd' : 'pidof etcd';
  await shell(
    node,
    `for i in $(seq 3000); do ${question} > /dev/null && exit 0; sleep 0.1; done; echo still not ${wanted}; exit 1`,
  );
}

/** For what cannot be undone: the same lab as when it was new. Every stage that is open is over. */
export async function makeLabAnew({ lab }: Pick<Stage, 'lab'>): Promise<void> {
  await down();
  await up(labShapeOf([String(lab.nodes.length), '--etcd', lab.etcd]));
}

function undoing(undo: () => Promise<unknown>): Injury {
  let undone: Promise<unknown> | undefined;
  const once = async () => {
    await (undone ??= undo());
  };
  return {
    undo: once,
    [Symbol.asyncDispose]: once,
  };
}

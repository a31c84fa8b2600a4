import { isMap, isScalar } from 'yaml';
import type { Node, YAMLMap } from 'yaml';
import { editManifest, notEditable, readManifestText } from './manifest-text.ts';
import type { Edit, ManifestText } from './manifest-text.ts';
import { placeOf } from './yaml-word.ts';

/** No probe kills etcd before it has failed for so long. */
const patienceSeconds = 3600;
/** The API's defaults of a probe; a period of 0 counts as none. */
const defaultPeriodSeconds = 10;
const defaultFailureThreshold = 3;
const killing = ['livenessProbe', 'startupProbe'] as const;

/**
 * Raises the failureThreshold of etcd's livenessProbe and startupProbe until an hour of failures kills nothing, and changes no other character.
 * Whatever they ask: kubeadm's startup probe (1.22 to 1.30 /health?serializable=false, since 1.31 /readyz), and before that its liveness probe
 * (/health), want a leader, which a recovering member may not have for long; /livez and serializable reads wait for a defragmentation.
 * It is undone by putting the original back. Doing it twice changes nothing.
 * @throws {Failure} `manifest-unreadable`, `manifest-not-editable`.
 */
export function relaxProbes(text: string, file = "etcd's static manifest"): string {
  const before = readManifestText(text, file);
  const edits = new Map<Node, Edit>();
  for (const name of killing) {
    const probe = before.valueOf(before.containerNode, name);
    // One may be the other's alias.
    const edit = isMap(probe) && probe.items.length > 0 ? raiseThreshold(before, probe) : undefined;
    if (probe !== undefined && edit !== undefined) edits.set(probe, edit);
  }
  if (edits.size === 0 && killing.every((name) => isPatient(before, name))) return text;
  const paths = killing.map((name) => `${before.containerPath}/${name}/failureThreshold`);
  const after = editManifest(before, [...edits.values()], paths);
  const hasty = killing.find((name) => !isPatient(after, name));
  if (hasty !== undefined) throw notEditable(file, `its ${hasty} would still kill etcd`);
  return after.text;
}

/** The probe's `failureThreshold` raised, or put in front of what it has; undefined where it is patient already. */
function raiseThreshold({ text, file, valueOf }: ManifestText, probe: YAMLMap): Edit | undefined {
  const period = valueOf(probe, 'periodSeconds');
  const wanted = thresholdFor(isScalar(period) ? period.value : undefined);
  const threshold = probe.items.findLast(({ key }) => isScalar(key) && key.value === 'failureThreshold')?.value;
  if (threshold !== undefined && threshold !== null) {
    const value = valueOf(probe, 'failureThreshold');
    if (isScalar(value) && typeof value.value === 'number' && value.value >= wanted) return undefined;
    const place = placeOf(text, threshold);
    if (place !== undefined && place.end > place.start) return { ...place, text: String(wanted) };
    throw notEditable(file, 'a failureThreshold in it has no value');
  }
  const first = placeOf(text, probe.items[0]?.key);
  if (first === undefined) throw notEditable(file, 'a probe in it is laid out in an unusual way');
  const quote = text[first.start] === '"' ? '"' : '';
  const entry = `${quote}failureThreshold${quote}: ${wanted}`;
  if (probe.flow === true) return { start: first.start, end: first.start, text: `${entry}, ` };
  const newline = text.lastIndexOf('\n', first.start - 1);
  const indent = text.slice(newline + 1, first.start);
  if (!/^ *$/.test(indent)) throw notEditable(file, 'a probe in it is laid out in an unusual way');
  const lineEnd = text[newline - 1] === '\r' ? '\r\n' : '\n';
  return { start: first.start, end: first.start, text: `${entry}${lineEnd}${indent}` };
}

/** So many failures in a row, a period apart, take an hour at least (k8s pkg/kubelet/prober/worker.go). */
function thresholdFor(period: unknown): number {
  // What is no number the kubelet will not take either; the shortest period there is errs on the safe side.
  const periodSeconds = period === undefined || period === null || period === 0 ? defaultPeriodSeconds : period;
  return Math.ceil(patienceSeconds / (typeof periodSeconds === 'number' ? Math.max(1, periodSeconds) : 1)) + 1;
}

function isPatient({ values, containerPath }: ManifestText, name: string): boolean {
  const probe = fieldOf(containerPath.split('/').reduce(fieldOf, values), name);
  if (typeof probe !== 'object' || probe === null || Object.keys(probe).length === 0) return true;
  const threshold = fieldOf(probe, 'failureThreshold') ?? defaultFailureThreshold;
  return typeof threshold === 'number' && threshold >= thresholdFor(fieldOf(probe, 'periodSeconds'));
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? new Map<string, unknown>(Object.entries(value)).get(name)
    : undefined;
}

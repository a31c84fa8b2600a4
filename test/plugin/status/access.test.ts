import { describe, expect, test } from '@jest/globals';
import type { AccessState } from '../../../core/access/messages.ts';
import { Failure } from '../../../core/failure.ts';
import { accessProblems, accessView } from '../../../plugin/status/access.ts';
import type { ObservedAccess } from '../../../plugin/status/access.ts';

const nowMs = Date.parse('2026-11-21T12:00:00Z');
const inDays = (days: number) => new Date(nowMs + days * 86_400_000).toISOString();
const node = (name: string, removed?: boolean) => ({
  version: 1,
  name,
  addresses: [],
  port: 2378,
  ...(removed === undefined ? {} : { removed }),
});
const state: AccessState = {
  node: 'cp1',
  authority: { certificate: '-----BEGIN ', fingerprint: '00', expiresAt: inDays(3_000) },
  certificate: { serial: '40000000', expiresAt: inDays(300) },
  listening: true,
  register: { nodes: [node('cp1'), node('cp2')], certificates: [], revocations: [] },
};
const bare: AccessState = { node: 'cp1', listening: false, register: { nodes: [], certificates: [], revocations: [] } };
const silent = new Failure({ reason: 'agent-unreachable', what: 'the agent does not answer' });
const downs = new Map([['down', silent]]);
const unwell: AccessState = {
  ...state,
  node: 'cp2',
  certificate: { serial: '40000000', expiresAt: inDays(3) },
  problem: { reason: 'port-unavailable', what: 'it cannot' },
};
const file = { path: 'prod.json', holder: 'anna@laptop', expiresAt: inDays(200) };

describe.each<[string, ObservedAccess, string[], (string | null)[]]>([
  ['all well', { state, file }, ['cp1', 'cp2'], []],
  ['a node that came later', { state, file: undefined }, ['cp1', 'cp2', 'cp3'], ['cp3']],
  [
    'a node that left and is back',
    { state: { ...state, register: { ...state.register, nodes: [node('cp1'), node('cp2', true)] } }, file: undefined },
    ['cp1', 'cp2'],
    ['cp2'],
  ],
  ['nobody is enrolled', { state: bare, file: undefined, expected: true }, ['cp1', 'cp2'], [null]],
  ['nobody is, on one machine', { state: bare, file: undefined }, ['cp1', 'cp2'], []],
  ['an agent that another does not reach', { state, file, peers: new Map([['cp2', silent]]) }, ['cp1', 'cp2'], ['cp2']],
  ['one that is not enrolled is named once', { state, file, peers: new Map([['cp3', silent]]) }, ['cp3'], ['cp3']],
  [
    'one that is known to be down',
    { state: { ...state, register: { ...state.register, nodes: [node('down')] } }, file, peers: downs },
    ['down'],
    [],
  ],
  [
    "another agent's certificate that was not renewed, and its port",
    { state, file, peers: new Map([['cp2', unwell]]) },
    ['cp1', 'cp2'],
    ['cp2', 'cp2'],
  ],
  ['nobody answers', { state: undefined, file }, ['cp1'], []],
  ['an access file that expires next week', { state, file: { ...file, expiresAt: inDays(7) } }, ['cp1'], [null]],
  [
    "an agent's certificate that was not renewed",
    { state: { ...state, certificate: { serial: '40000000', expiresAt: inDays(3) } }, file },
    ['cp1'],
    ['cp1'],
  ],
  [
    'an agent that cannot listen',
    { state: { ...state, listening: false, problem: { reason: 'port-unavailable', what: 'it cannot' } }, file },
    ['cp1'],
    ['cp1'],
  ],
])('%s', (_name, observed, controlPlane, named) => {
  test(`names ${named.length === 0 ? 'nothing' : named.map((each) => each ?? 'the file').join(', ')}`, () => {
    const view = accessView(observed, controlPlane);
    expect(accessProblems(view, observed, { nowMs, silent: ['down'] }).map((problem) => problem.node)).toEqual(named);
  });
});

test('what is not known is null, and not an empty list', () => {
  expect(accessView({ state: undefined, file: undefined }, ['cp1'])).toEqual({
    file: null,
    authorityExpiresAt: null,
    notEnrolled: null,
    agents: null,
  });
});

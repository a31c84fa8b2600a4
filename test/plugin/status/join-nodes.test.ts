import { expect, test } from '@jest/globals';
import type { AgentReport } from '../../../core/protocol/messages.ts';
import { joinMembersToNodes } from '../../../plugin/status/join-nodes.ts';
import { membersOf, reportOf } from './cluster.ts';

interface Case {
  readonly is: string;
  readonly name: string;
  readonly urls: readonly string[];
  readonly nodes: Readonly<Record<string, readonly string[]>>;
  readonly found?: Readonly<Record<string, string>>;
  readonly then: string | undefined;
}

const cases: readonly Case[] = [
  { is: 'the name of a node', name: 'cp2', urls: [], nodes: { cp1: [], cp2: [] }, then: 'cp2' },
  {
    is: 'the name before the address',
    name: 'cp2',
    urls: ['https://10.0.0.1:2380'],
    nodes: { cp1: ['10.0.0.1'], cp2: [] },
    then: 'cp2',
  },
  {
    is: 'an address',
    name: 'infra1',
    urls: ['https://10.0.0.1:2380'],
    nodes: { cp1: ['10.0.0.1'], cp2: ['10.0.0.2'] },
    then: 'cp1',
  },
  {
    is: 'a host name',
    name: 'infra1',
    urls: ['https://CP1.example:2380'],
    nodes: { cp1: ['10.0.0.1', 'cp1.example'] },
    then: 'cp1',
  },
  {
    is: 'a node named as the host',
    name: 'infra1',
    urls: ['https://cp1:2380'],
    nodes: { cp1: ['10.0.0.1'] },
    then: 'cp1',
  },
  {
    is: 'IPv6, spelt differently',
    name: 'infra1',
    urls: ['https://[fd00:0:0::1]:2380'],
    nodes: { cp1: ['FD00::0:1'] },
    then: 'cp1',
  },
  {
    is: 'IPv6, another address',
    name: 'infra1',
    urls: ['https://[fd00::2]:2380'],
    nodes: { cp1: ['fd00::1'] },
    then: undefined,
  },
  {
    is: 'one address on two nodes',
    name: 'infra1',
    urls: ['http://127.0.0.1:2380'],
    nodes: { cp1: ['127.0.0.1'], cp2: ['127.0.0.1'] },
    then: undefined,
  },
  {
    is: 'what the agent found',
    name: 'infra1',
    urls: ['http://127.0.0.1:2380'],
    nodes: { cp1: ['127.0.0.1'], cp2: ['127.0.0.1'] },
    found: { cp1: 'infra9', cp2: 'infra1' },
    then: 'cp2',
  },
  {
    is: 'a name that two agents found',
    name: 'default',
    urls: ['https://10.0.0.2:2380'],
    nodes: { cp1: [], cp2: ['10.0.0.2'] },
    found: { cp1: 'default', cp2: 'default' },
    then: 'cp2',
  },
  {
    is: 'never started, by its peer URL',
    name: '',
    urls: ['https://10.0.0.2:2380'],
    nodes: { cp1: ['10.0.0.1'], cp2: ['10.0.0.2'] },
    then: 'cp2',
  },
  {
    is: 'no URL that can be read',
    name: 'infra1',
    urls: ['what is this'],
    nodes: { cp1: ['10.0.0.1'] },
    then: undefined,
  },
];

test.each(cases)('$is', ({ name, urls, nodes, found = {}, then }) => {
  const [member] = membersOf([`${name} follower`]).members;
  if (member === undefined) throw new Error('one member was asked for');
  const reply = {
    ...membersOf([]),
    memberId: 'ffff',
    members: [{ ...member, name, peerUrls: [...urls], clientUrls: [] }],
  };
  const places = Object.entries(nodes).map(([node, addresses]) => ({ name: node, addresses }));
  const reports = new Map(Object.entries(found).map(([node, etcdName]) => [node, naming(reportOf(node), etcdName)]));
  expect(joinMembersToNodes(reply, places, reports).get(member.id)).toBe(then);
});

test("the answering agent's own member is on its node, whatever its name", () => {
  const reply = membersOf(['strange leader']);
  expect(joinMembersToNodes(reply, [{ name: 'cp1', addresses: [] }], new Map()).get('a001')).toBe('cp1');
});

function naming(report: AgentReport, name: string): AgentReport {
  return report.etcd === undefined ? report : { ...report, etcd: { ...report.etcd, name } };
}

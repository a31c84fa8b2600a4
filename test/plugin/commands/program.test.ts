import { describe, expect, test } from '@jest/globals';
import { PassThrough } from 'node:stream';
import { CommanderError } from 'commander';
import type { Command } from 'commander';
import { exitCode, Failure } from '../../../core/failure.ts';
import { kubectlEtcd } from '../../../plugin/commands/program.ts';
import { Terminal } from '../../../plugin/report/terminal.ts';

/** What a command line that reaches no action says, and on which stream. */
async function said(...argv: string[]) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const program = kubectlEtcd({
    terminal: new Terminal({ stdin: new PassThrough(), stdout, stderr, env: {} }),
    environment: {},
    signal: new AbortController().signal,
    run: () => Promise.reject(new Error('no action was to be reached')),
  });
  const thrown: unknown = await program.parseAsync(argv, { from: 'user' }).catch((error: unknown) => error);
  const text = (stream: PassThrough) => String(stream.read() ?? '');
  return { program, thrown, stdout: text(stdout), stderr: text(stderr) };
}

function everyCommand(command: Command, path: readonly string[] = []): string[][] {
  return [[...path], ...command.commands.flatMap((sub) => everyCommand(sub, [...path, sub.name()]))];
}
const commands = everyCommand((await said('--version')).program);

test.each([[[]], [['snapshot']]])('a group without a command %j: its help, as a result', async (argv) => {
  const { thrown, stdout, stderr } = await said(...argv);
  expect(thrown).toBeInstanceOf(CommanderError);
  expect(stdout).toContain(`Usage: ${['kubectl etcd', ...argv].join(' ')} COMMAND [flags]`);
  expect(stderr).toBe('');
});

describe.each(commands)('kubectl etcd %s %s', (...path) => {
  test('--help: as kubectl writes it, exit codes in their order', async () => {
    const { thrown, stdout } = await said(...path, '--help');
    expect(thrown).toBeInstanceOf(CommanderError);
    expect(stdout.split('\n')[0]).toMatch(new RegExp(`^Usage: ${['kubectl etcd', ...path].join(' ')}.* \\[flags\\]$`));
    expect(stdout.split('\n')[2]).toMatch(/^[A-Z].*[a-z.]$/);
    expect(stdout).not.toMatch(/\[options\]|default: "/);
    const codes = [...(stdout.split('Exit codes:\n')[1] ?? '').matchAll(/^ {2}(\d+) +\S/gm)].map(([, code]) =>
      Number(code),
    );
    expect(codes).toEqual([...codes].sort((one, other) => one - other));
    const isGroup = stdout.includes('\nCommands:\n');
    if (!isGroup)
      expect(codes).toEqual(
        expect.arrayContaining([exitCode.done, exitCode.failed, exitCode.usage, exitCode.interrupted]),
      );
  });
});

test.each([
  [['stauts'], "unknown command 'stauts'", 'kubectl etcd --help'],
  [['status', '--bogus'], "unknown option '--bogus'", 'kubectl etcd status --help'],
  [
    ['status', 'extra'],
    "too many arguments for 'status'. Expected 0 arguments but got 1: extra",
    'kubectl etcd status --help',
  ],
  [['snapshot', 'verify'], "missing required argument 'file'", 'kubectl etcd snapshot verify --help'],
  [['status', '-o'], "option '-o, --output <format>' argument missing", 'kubectl etcd status --help'],
])('wrong usage %j: a failure that says where the right one is', async (argv, what, next) => {
  const { thrown, stdout } = await said(...argv);
  expect(thrown).toBeInstanceOf(Failure);
  expect(thrown).toMatchObject({ what, next, exit: exitCode.usage });
  expect(stdout).toBe('');
});

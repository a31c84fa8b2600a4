import { Command, Help } from 'commander';
import type { Argument, ErrorOptions } from 'commander';
import { exitCode, Failure } from '../../core/failure.ts';
import { programVersion } from '../../core/version.ts';
import { addAccess } from './access.ts';
import { addCerts } from './certs.ts';
import { addDoctor } from './doctor.ts';
import { addInstall } from './install.ts';
import { addKept } from './kept.ts';
import { addLogs } from './logs.ts';
import { addMember } from './member.ts';
import { addOperation } from './operation.ts';
import { addRecover } from './recover.ts';
import { addRestore } from './restore.ts';
import { addSnapshot } from './snapshot.ts';
import { addStatus } from './status.ts';
import type { Surroundings } from './surroundings.ts';
import { addUninstall } from './uninstall.ts';
import { addVersion } from './version.ts';

/** The whole of `kubectl etcd` as commander sees it, ready to parse; nothing is done before that. */
export function kubectlEtcd(surroundings: Surroundings): Command {
  const { terminal } = surroundings;
  const program = new KubectlCommand('kubectl etcd')
    .description('Back up, inspect and recover the etcd of a Kubernetes cluster.')
    .version(programVersion, '--version', 'print the version of the plugin')
    .option('-v, --verbose', 'say more: reasons, causes, where defects arose')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    .showSuggestionAfterError()
    .configureHelp({
      showGlobalOptions: true,
      commandUsage: (command) => [pathOf(command), ...operands(command), '[flags]'].join(' '),
      subcommandTerm: (command) => command.name(),
      argumentTerm: (argument) => argument.name().toUpperCase(),
      optionDescription: (option) => plainDefault(usual.optionDescription(option)),
      argumentDescription: (argument) => plainDefault(usual.argumentDescription(argument)),
      styleTitle: (title) => title.replace('Options', 'Flags'),
    })
    .configureOutput({ writeOut: (text) => terminal.print(text), writeErr: (text) => terminal.note(text) })
    .exitOverride();
  for (const add of [
    addInstall,
    addStatus,
    addDoctor,
    addSnapshot,
    addRestore,
    addMember,
    addRecover,
    addOperation,
    addKept,
    addCerts,
    addLogs,
    addAccess,
    addVersion,
    addUninstall,
  ])
    add(program, surroundings);
  return program;
}

class KubectlCommand extends Command {
  override createCommand(name?: string): Command {
    return new KubectlCommand(name);
  }

  /** Also what a group says that is called without a command: a result, as kubectl has it, and no error. */
  override help(): never {
    return super.help();
  }

  /** Wrong usage reads like every other failure, and says where the right one is. */
  override error(message: string, options?: ErrorOptions): never {
    const [what = '', ...hints] = message.replace(/^error: /, '').split('\n');
    throw new Failure({
      reason: 'wrong-usage',
      what: what.replace(/\.$/, ''),
      why: hints.map((hint) => hint.replace(/^\((.*)\)$/, '$1')).join(' '),
      next: `${pathOf(this)} --help`,
      exit: exitCode.usage,
      cause: options?.code,
    });
  }
}

const usual = new Help();

/** commander writes defaults as JSON; an empty one is none to a person. */
function plainDefault(description: string): string {
  return description.replace(' (default: "")', '').replace(/\(default: "([^"]*)"/, '(default: $1');
}

function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;
}

function operands(command: Command): string[] {
  if (command.commands.length > 0) return ['COMMAND'];
  return command.registeredArguments.map(operand);
}

function operand(argument: Argument): string {
  const name = argument.name().toUpperCase();
  return argument.required ? name : `[${name}]`;
}

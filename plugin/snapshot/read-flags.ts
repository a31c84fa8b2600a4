import { exitCode, Failure } from '../../core/failure.ts';

/** `--revision`. @throws {Failure} `bad-revision`, exit code 2. */
export function parseRevisionFlag(given: string | undefined): number | undefined {
  if (given === undefined) return undefined;
  const revision = Number(given);
  if (/^\d+$/.test(given) && Number.isSafeInteger(revision) && revision > 0) return revision;
  throw new Failure({
    reason: 'bad-revision',
    what: `${JSON.stringify(given)} is no revision`,
    why: 'revisions are whole numbers from 1 on',
    exit: exitCode.usage,
  });
}

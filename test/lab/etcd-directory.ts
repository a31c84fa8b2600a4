/** Prints the folder that holds etcd's own binaries, of the version given (3.5): for scripts. */
import { dirname } from 'node:path';
import { etcdBinaries } from './etcd-packages.ts';
import { etcdVersions } from './where.ts';

const version = etcdVersions.find((known) => known === process.argv[2]) ?? '3.5';
process.stdout.write(`${dirname((await etcdBinaries(version)).binaries[0] ?? '')}\n`);

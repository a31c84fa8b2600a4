import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';

const packageFile = v.object({
  name: v.string(),
  version: v.string(),
  license: v.optional(v.union([v.string(), v.object({ type: v.string() })])),
});
const rule = '-'.repeat(100);

/**
 * The notices of everything that travels inside the programs, and of the Node.js that travels beside them: name, version, licence and the
 * licence's text, as MIT, BSD and Apache-2.0 all ask of who passes their code on.
 * @throws when a package names no licence: then a person has to look before it is shipped.
 */
export async function thirdPartyNotices(options: {
  readonly root: string;
  readonly packages: readonly string[];
  readonly legalComments: readonly string[];
}): Promise<string> {
  const notices: string[] = [];
  for (const folder of options.packages) notices.push(await noticeOf(join(options.root, folder)));
  notices.push(await noticeOfNode(options.root));
  const comments = [...new Set(options.legalComments.map((text) => text.trim()).filter((text) => text !== ''))];
  return [
    'kubectl-etcd is under the Apache License 2.0 (LICENSE). It contains the following software of others.',
    ...[...new Set(notices)].sort(),
    ...comments,
  ]
    .join(`\n${rule}\n`)
    .concat('\n');
}

async function noticeOf(folder: string): Promise<string> {
  const about = v.parse(packageFile, JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')));
  const licence = typeof about.license === 'string' ? about.license : about.license?.type;
  if (licence === undefined)
    throw new Error(`${about.name} ${about.version} names no licence; find out before it is shipped`);
  const texts: string[] = [];
  for (const file of (await readdir(folder)).sort()) {
    if (!/^(?:licen[cs]e|copying|notice)(?:[.-].*)?$/i.test(file)) continue;
    texts.push((await readFile(join(folder, file), 'utf8')).trim());
  }
  return [`${about.name} ${about.version} (${licence})`, ...texts].join('\n\n');
}

async function noticeOfNode(root: string): Promise<string> {
  const modules = join(root, 'node_modules');
  const folder = (await readdir(modules)).find((name) => name.startsWith('node-linux-'));
  if (folder === undefined)
    throw new Error(
      'there is no node-linux-* in node_modules, so the licence of Node.js cannot be shipped; run npm ci',
    );
  const about = v.parse(packageFile, JSON.parse(await readFile(join(modules, folder, 'package.json'), 'utf8')));
  const text = await readFile(join(modules, folder, 'LICENSE'), 'utf8');
  return `Node.js ${about.version}\n\n${text.trim()}`;
}

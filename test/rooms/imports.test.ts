import { describe, expect, test } from '@jest/globals';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import ts from 'typescript';

/**
 * The arrows of the design: plugin -> core <- agent, and within them who alone may know a library. A rule that nothing matches any more is an
 * error too: then it guards a room that has gone.
 */
const root = resolve(import.meta.dirname, '../..');
const rooms = ['core', 'agent', 'plugin'] as const;

/** Who alone may import a package. */
const onlyIn: Readonly<Record<string, readonly string[]>> = {
  '@kubernetes/client-node': ['plugin/cluster'],
  ws: ['plugin/link'],
  '@grpc/proto-loader': ['agent/grpc', 'agent/etcd', 'agent/runtime'],
  '@peculiar/asn1-x509': ['core/access/certificates.ts', 'core/access/sign-certificate.ts', 'agent/certificates'],
  '@peculiar/asn1-schema': ['core/access/certificates.ts', 'core/access/sign-certificate.ts', 'agent/certificates'],
  commander: ['plugin/main.ts', 'plugin/commands'],
};

interface Import {
  readonly from: string;
  readonly to: string;
}

const files = rooms.flatMap((room) => globSync(`${room}/**/*.ts`, { cwd: root }));
const imports = files.flatMap((from) =>
  ts.preProcessFile(readFileSync(join(root, from), 'utf8'), true, true).importedFiles.map(({ fileName }): Import => ({
    from,
    to: fileName.startsWith('.') ? relative(root, join(root, dirname(from), fileName)) : fileName,
  })),
);

const within = (path: string, room: string) => path === room || path.startsWith(`${room}/`);

describe('imports', () => {
  test('there are some, in every room', () => {
    for (const room of rooms) expect(imports.filter(({ from }) => within(from, room)).length).toBeGreaterThan(10);
  });

  test.each([
    ['core', ['agent', 'plugin', 'test']],
    ['agent', ['plugin', 'test']],
    ['plugin', ['agent', 'test']],
  ])('%s imports nothing of %s', (room, others) => {
    expect(imports.filter(({ from, to }) => within(from, room) && others.some((other) => within(to, other)))).toEqual(
      [],
    );
  });

  test.each(Object.entries(onlyIn))('%s is imported only in %s', (name, allowed) => {
    const importing = imports.filter(({ to }) => within(to, name));
    expect(importing.length).toBeGreaterThan(0);
    expect(importing.filter(({ from }) => !allowed.some((room) => within(from, room)))).toEqual([]);
  });

  test('only main.ts wires: nothing imports it', () => {
    expect(imports.filter(({ to }) => /^(agent|plugin)\/main\.ts$/.test(to))).toEqual([]);
  });

  test('every package that is imported stands in package.json, and every one there is imported', () => {
    const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      dependencies: Record<string, string>;
    };
    const used = new Set(
      imports
        .map(({ to }) => to)
        .filter(
          (to) => !to.startsWith('node:') && !rooms.some((room) => within(to, room)) && !/\.(json|yaml)$/.test(to),
        )
        .map((to) =>
          to
            .split('/')
            .slice(0, to.startsWith('@') ? 2 : 1)
            .join('/'),
        ),
    );
    expect([...used].sort()).toEqual(Object.keys(dependencies).sort());
  });

  test('standard output and standard error belong to the report room and the two mains', () => {
    const writers = files.filter((file) =>
      /process\.std(out|err)\.write|console\.(log|error|warn)/.test(readFileSync(join(root, file), 'utf8')),
    );
    expect(
      writers.filter(
        (file) =>
          !/^(plugin\/report\/|(agent|plugin)\/main\.ts$|agent\/serve\/(serve|bridge)\.ts$|agent\/resident\/keep\.ts$)/.test(
            file,
          ),
      ),
    ).toEqual([]);
  });
});

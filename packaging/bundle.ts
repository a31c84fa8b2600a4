import { build, type Metafile } from 'esbuild';

/** One program in one file, not yet written. */
export interface Bundle {
  readonly code: Uint8Array;
  /** The licence comments that were found in the bundled sources; a minifier may not drop them. */
  readonly legalComments: string;
  /** The folders of the bundled third-party packages, relative to the checkout: `node_modules/ws`. */
  readonly packages: readonly string[];
}

/**
 * Bundles one program as CommonJS: the form in which a dynamic `import()` inside one file stays what it is in the source, evaluated when
 * it is reached, so that `--help` does not pay for the Kubernetes client. Names of functions and classes are kept: errors show them.
 * @throws what esbuild reports, warnings included: `import.meta` in a dependency is only a warning, and fails at run time.
 */
export async function bundle(options: {
  readonly root: string;
  readonly entry: string;
  readonly name: string;
}): Promise<Bundle> {
  const result = await build({
    absWorkingDir: options.root,
    entryPoints: [options.entry],
    outfile: `dist/${options.name}.cjs`,
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
    target: 'node24',
    // Node 24 knows `using` itself. Lowered by esbuild, an error of one round of a loop comes again in the next: it keeps it in a `var`.
    supported: { using: true },
    format: 'cjs',
    minify: true,
    keepNames: true,
    legalComments: 'external',
    loader: { '.yaml': 'text' },
    logLevel: 'warning',
  });
  if (result.warnings.length > 0) throw new Error(`esbuild warned about ${options.entry}; see above`);
  const code = result.outputFiles.find((file) => file.path.endsWith('.cjs'));
  if (code === undefined) throw new Error(`esbuild wrote no program for ${options.entry}`);
  const legal = result.outputFiles.find((file) => file.path.endsWith('.LEGAL.txt'));
  return { code: code.contents, legalComments: legal?.text ?? '', packages: packagesOf(result.metafile) };
}

/** Nested copies of a package are packages of their own: they may be of another version and licence. */
function packagesOf(metafile: Metafile): string[] {
  const folders = new Set<string>();
  for (const output of Object.values(metafile.outputs)) {
    for (const [path, { bytesInOutput }] of Object.entries(output.inputs)) {
      const folder = /^((?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1];
      if (folder !== undefined && bytesInOutput > 0) folders.add(folder);
    }
  }
  return [...folders].sort();
}

/**
 * krew's rules for a plugin's manifest: those its client refuses to install without (internal/index/validation), those of its
 * validate-krew-manifest, which guards the index (line lengths, selectors), and of its guides what a program can see. Written down here so
 * that a manifest that breaks one never leaves the house. Stricter where this project is: https only, labels only, every file named.
 */
import * as v from 'valibot';

const set = v.pipe(v.string(), v.nonEmpty('has to be set'));
/** krew gives these names to the files of the plugin, on Windows too. */
const forbiddenOnWindows = /^(?:con|prn|aux|nul|com[1-9]|lpt[1-9])$/;
/** Longer lines are cut or wrapped in krew's listings; a single long word may stay. */
const lines = (longest: number) =>
  v.pipe(
    set,
    v.check(
      (text) => text.split('\n').every((line) => line.length <= longest || !line.trim().includes(' ')),
      `has a line of more than ${longest} characters`,
    ),
  );
const insideTheArchive = v.pipe(set, v.regex(/^(?!\/)(?!.*\.\.)/, 'leads out of the archive'));

const platform = v.strictObject({
  selector: v.strictObject({
    matchLabels: v.strictObject({ os: v.picklist(['linux', 'darwin']), arch: v.picklist(['amd64', 'arm64']) }),
  }),
  uri: v.pipe(v.string(), v.regex(/^https:\/\/\S+\.tar\.gz$/, 'is not an https address of a .tar.gz')),
  sha256: v.pipe(v.string(), v.regex(/^[a-f0-9]{64}$/, 'is not a sha256 in hexadecimal')),
  files: v.pipe(
    v.array(v.strictObject({ from: insideTheArchive, to: insideTheArchive })),
    v.nonEmpty('has to be unspecified or non-empty'),
  ),
  bin: insideTheArchive,
});

const manifest = v.strictObject({
  apiVersion: v.literal('krew.googlecontainertools.github.com/v1alpha2'),
  kind: v.literal('Plugin'),
  metadata: v.strictObject({
    name: v.pipe(
      v.string(),
      v.regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, 'is not in lower case with hyphens'),
      v.check((name) => !forbiddenOnWindows.test(name), 'is a reserved name on Windows'),
      v.check((name) => !/^kube(?:ctl|rnetes)?-/.test(name), 'repeats kube'),
    ),
  }),
  spec: v.strictObject({
    version: v.pipe(
      v.string(),
      v.regex(/^v\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?$/, 'is not a semantic version with a v before it'),
    ),
    homepage: v.pipe(v.string(), v.regex(/^https:\/\//, 'is not an https address')),
    shortDescription: v.pipe(
      set,
      v.maxLength(50, 'is longer than 50 characters'),
      v.regex(/^[^\r\n]*$/, 'has a line break'),
      v.regex(/^.*[^.]$/, 'ends with a full stop'),
      v.check((text) => !/\b(?:kubectl|plugin)\b/i.test(text), 'says what every entry of the index is'),
    ),
    description: lines(80),
    caveats: v.optional(lines(80)),
    platforms: v.pipe(v.array(platform), v.nonEmpty('has to name a platform')),
  }),
});

/** Everything that is wrong with a manifest that was read from a file of that name; nothing wrong is an empty list. */
export function manifestProblems(fileName: string, value: unknown): readonly string[] {
  const result = v.safeParse(manifest, value);
  if (!result.success) return result.issues.map((issue) => `${v.getDotPath(issue) ?? 'the whole'}: ${issue.message}`);
  const problems: string[] = [];
  const { metadata, spec } = result.output;
  if (fileName !== `${metadata.name}.yaml`) problems.push(`metadata.name: the file is ${fileName}`);
  const seen = new Set<string>();
  for (const [index, { selector, files, bin, uri }] of spec.platforms.entries()) {
    const at = `spec.platforms.${index}`;
    const { os, arch } = selector.matchLabels;
    if (seen.has(`${os}/${arch}`)) problems.push(`${at}.selector: ${os}/${arch} is selected twice`);
    seen.add(`${os}/${arch}`);
    if (!uri.includes(spec.version)) problems.push(`${at}.uri: is not of ${spec.version}`);
    if (!files.some(({ from }) => from === bin)) problems.push(`${at}.bin: ${bin} is not among the files`);
    // The index takes no plugin whose licence does not come with it.
    if (!files.some(({ from }) => from === 'LICENSE')) problems.push(`${at}.files: LICENSE is missing`);
  }
  return problems;
}

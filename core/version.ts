import packageFile from '../package.json' with { type: 'json' };

/** The version of this program; plugin and agent of one release carry the same. */
export const programVersion: string = packageFile.version;

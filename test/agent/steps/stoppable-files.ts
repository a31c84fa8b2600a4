/**
 * node:fs/promises that can be stopped: like a process that is killed, at every call that changes something. Whoever is to be stopped has to be
 * imported after `stoppable`.
 */
import { jest } from '@jest/globals';
import * as files from 'node:fs/promises';

export class Killed extends Error {}

export interface Stop {
  /** How many changes happen before the end; Infinity is none. */
  after: number;
  /** Those that have happened. */
  done: string[];
}

/** @returns what says when to stop; from then on nothing is changed any more. */
export function stoppable(): Stop {
  const stop: Stop = { after: Infinity, done: [] };
  const guarded =
    <Words extends readonly unknown[], Value>(name: string, change: (...words: Words) => Promise<Value>) =>
    async (...words: Words): Promise<Value> => {
      if (stop.done.length >= stop.after) throw new Killed();
      stop.done.push(`${name} ${words.filter((word) => typeof word === 'string').join(' ')}`);
      return change(...words);
    };
  const changing = {
    rename: guarded('rename', files.rename as (from: string, to: string) => Promise<void>),
    mkdir: guarded('mkdir', files.mkdir as (path: string, options: object) => Promise<unknown>),
    rm: guarded('rm', files.rm as (path: string, options: object) => Promise<void>),
    rmdir: guarded('rmdir', files.rmdir as (path: string) => Promise<void>),
    unlink: guarded('unlink', files.unlink as (path: string) => Promise<void>),
    link: guarded('link', files.link as (from: string, to: string) => Promise<void>),
    symlink: guarded('symlink', files.symlink as (to: string, path: string) => Promise<void>),
    cp: guarded('cp', files.cp as (from: string, to: string, options: object) => Promise<void>),
    copyFile: guarded('copyFile', files.copyFile as (from: string, to: string) => Promise<void>),
    writeFile: guarded('writeFile', files.writeFile as (path: string, text: string) => Promise<void>),
    open: (async (path: string, flags: string | number = 'r', mode?: number) => {
      if (flags === 'r' || typeof flags === 'number') return files.open(path, flags, mode);
      const handle = await guarded('open', files.open as (...words: unknown[]) => Promise<files.FileHandle>)(
        path,
        flags,
        mode,
      );
      const write = handle.writeFile.bind(handle);
      return Object.assign(handle, { writeFile: guarded(`write ${path}`, write as (text: string) => Promise<void>) });
    }) as typeof files.open,
    truncate: guarded('truncate', files.truncate as (path: string, length: number) => Promise<void>),
  };
  jest.unstable_mockModule('node:fs/promises', () => ({ ...files, ...changing, default: { ...files, ...changing } }));
  return stop;
}

import { Failure } from '../../failure.ts';

export interface DamagePlace {
  /** The page, where one can be named. */
  readonly page?: number | undefined;
  /** Bytes from the beginning of the file. */
  readonly offset: number;
}

/** Something in the file that bbolt does not write. Names page and offset, for the person and for the code that lists all of them. */
export class Damage extends Failure {
  readonly page: number | undefined;
  readonly offset: number;

  constructor(file: string, place: DamagePlace, why: string) {
    super({
      reason: 'snapshot-damaged',
      what: `${file} is damaged`,
      why: `${placeText(place)}: ${why}`,
      next: `kubectl etcd snapshot verify ${file}`,
    });
    this.page = place.page;
    this.offset = place.offset;
  }
}

export function placeText(place: DamagePlace): string {
  const offset = `offset 0x${place.offset.toString(16)}`;
  return place.page === undefined ? offset : `page ${place.page}, ${offset}`;
}

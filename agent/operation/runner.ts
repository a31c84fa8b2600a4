import { Failure } from '../../core/failure.ts';
import type { JournalRecord } from '../../core/operation/journal.ts';
import type { StepEvent } from '../../core/operation/messages.ts';
import type { PlacedStep } from '../../core/operation/plan.ts';
import { failureToRecord } from '../../core/protocol/failure-record.ts';
import { driverOf } from '../steps/drivers.ts';
import type { StepContext } from '../steps/step.ts';
import { closedAlready } from './store.ts';
import type { OperationStore } from './store.ts';

type Way = 'do' | 'undo';

/**
 * Runs the steps of an operation on this node, one at a time. A step goes on when whoever asked for it has gone: asked again, he hears of the one
 * that runs. Before it begins and when it has ended a line is on the disk.
 */
export class StepRunner {
  readonly #store: OperationStore;
  readonly #contextFor: (operation: string, progress: StepContext['progress']) => StepContext;
  readonly #node: string;
  /** The one that runs and those that wait for it, by what is asked of them. */
  readonly #asked = new Map<string, Broadcast>();
  #tail: Promise<unknown> = Promise.resolve();

  constructor(parts: {
    readonly node: string;
    readonly store: OperationStore;
    readonly contextFor: (operation: string, progress: StepContext['progress']) => StepContext;
  }) {
    this.#node = parts.node;
    this.#store = parts.store;
    this.#contextFor = parts.contextFor;
  }

  /** Whether a step runs, or waits for its turn. */
  get isBusy(): boolean {
    return this.#asked.size > 0;
  }

  /** Does a step, or undoes it; what happens meanwhile, to its end. */
  run(operation: string, step: PlacedStep, way: Way): AsyncIterable<StepEvent> {
    const key = `${way} ${operation} ${step.id}`;
    const known = this.#asked.get(key);
    if (known !== undefined) return known;
    const events = new Broadcast();
    this.#asked.set(key, events);
    const ended = (event: StepEvent) => {
      // Whoever asks once he has heard of the end asks anew.
      this.#asked.delete(key);
      events.end(event);
    };
    this.inTurn(() => this.#perform(operation, step, way, events)).then(ended, (thrown: unknown) =>
      ended({ event: 'failed', tookMs: 0, failure: failureToRecord(thrown, this.#node) }),
    );
    return events;
  }

  /** Does something between steps: none runs meanwhile. */
  async inTurn<Value>(action: () => Promise<Value>): Promise<Value> {
    const mine = this.#tail.then(action);
    this.#tail = mine.catch(() => undefined);
    return mine;
  }

  async #perform(operation: string, step: PlacedStep, way: Way, events: Broadcast): Promise<StepEvent> {
    // Read when its turn has come: it may have been closed, or turned round, while the step waited.
    const { journal, closed } = await this.#store.read(operation);
    if (closed) throw closedAlready(operation, this.#node);
    const before = lastOf(journal, step.id);
    if (way === 'do' && journal.some(({ event }) => backwards.has(event))) throw this.#turnedRound(operation);
    if (way === 'do' && before?.event === 'done')
      return {
        event: 'done',
        tookMs: before.tookMs,
        ...(before.result === undefined ? {} : { result: before.result }),
      };
    if (way === 'undo' && (before === undefined || before.event === 'undone')) return { event: 'done', tookMs: 0 };

    const write = (record: JournalRecord) => this.#store.append(operation, record);
    const at = () => new Date().toISOString();
    await write({ event: way === 'do' ? 'begun' : 'undoing', step: step.id, at: at() });
    const context = this.#contextFor(operation, (text, doneBytes, totalBytes) =>
      events.progress({
        event: 'progress',
        text,
        ...(doneBytes === undefined ? {} : { doneBytes }),
        ...(totalBytes === undefined ? {} : { totalBytes }),
      }),
    );
    const begunMs = performance.now();
    const sinceMs = () => Math.round(performance.now() - begunMs);
    const driver = driverOf(step.does);
    try {
      let result: unknown;
      if (way === 'do') result = await driver.apply(context);
      else await driver.undo(context);
      const tookMs = sinceMs();
      const done = result === undefined ? {} : { result };
      await write(
        way === 'do'
          ? { event: 'done', step: step.id, at: at(), tookMs, ...done }
          : { event: 'undone', step: step.id, at: at(), tookMs },
      );
      return { event: 'done', tookMs, ...done };
    } catch (thrown) {
      const failed = { tookMs: sinceMs(), failure: failureToRecord(thrown, this.#node) };
      await write({ event: way === 'do' ? 'failed' : 'undo-failed', step: step.id, at: at(), ...failed });
      return { event: 'failed', ...failed };
    }
  }

  #turnedRound(operation: string): Failure {
    return new Failure({
      reason: 'being-rolled-back',
      what: `the operation ${operation} is being rolled back here`,
      node: this.#node,
      next: `kubectl etcd operation rollback ${operation} goes on with that`,
      exit: 5,
    });
  }
}

const backwards: ReadonlySet<JournalRecord['event']> = new Set(['undoing', 'undone', 'undo-failed']);

function lastOf(journal: readonly JournalRecord[], step: string) {
  return journal.findLast((record) => record.event !== 'closed' && record.step === step);
}

/** Events for any number of listeners, each of whom hears the newest progress and the end: whoever is slow misses what is no news any more. */
class Broadcast implements AsyncIterable<StepEvent> {
  #newest: StepEvent | undefined;
  #end: StepEvent | undefined;
  #changed = Promise.withResolvers<undefined>();

  progress(event: StepEvent): void {
    this.#newest = event;
    this.#change();
  }

  end(event: StepEvent): void {
    this.#end ??= event;
    this.#change();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<StepEvent, void, undefined> {
    let told: StepEvent | undefined;
    for (;;) {
      const changed = this.#changed.promise;
      if (this.#newest !== undefined && this.#newest !== told) {
        told = this.#newest;
        yield told;
      }
      if (this.#end !== undefined) return yield this.#end;
      if (this.#newest === told) await changed;
    }
  }

  #change(): void {
    this.#changed.resolve(undefined);
    this.#changed = Promise.withResolvers();
  }
}

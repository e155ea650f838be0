import fc from 'fast-check';
import { readTape } from './choices';
import { checkWorld, type Known } from './checker-view';
import { comeToRest } from './come-to-rest';
import { drawSetting, type History, newHistory } from './history';
import { play } from './play';
import { offencesOf } from './properties';
import { createWorld, type PlantedFault, type World } from './world';

export interface ExploreOptions {
  /** Folder of the workspace. */
  readonly root: string;
  readonly seed: number;
  readonly histories: number;
  /** Worlds in which histories are played at once. */
  readonly lanes: number;
  readonly fault?: PlantedFault;
  /** Default true: a history that goes wrong is made as short as it can be. */
  readonly shorten?: boolean;
  /** Told now and then how far it is. */
  readonly onProgress?: (played: number) => void;
}

export interface Explored {
  readonly histories: number;
  /** By the state in which the order was left. */
  readonly ends: ReadonlyMap<string, number>;
  /** Moves of orders and payments that were made. */
  readonly moves: ReadonlySet<string>;
  readonly failure: Failure | undefined;
  /** What the check of the invariants says of all of them together, at the end. */
  readonly offences: readonly string[];
}

/** The shortest history that was found to go wrong. */
export interface Failure {
  readonly tape: readonly number[];
  readonly offences: readonly string[];
  readonly history: History;
}

/** Histories that are drawn from one seed. */
const chunk = 250;

/** Tries to make a history that goes wrong shorter. */
const maxShortened = 400;

const tapes = fc.noBias(fc.array(fc.nat({ max: 9_999 }), { minLength: 10, maxLength: 220, size: 'max' }));

/**
 * Plays histories drawn from a seed against the real code and a real PostgreSQL, until one goes wrong; that one is made
 * as short as it can be.
 */
export async function explore(options: ExploreOptions): Promise<Explored> {
  const ends = new Map<string, number>();
  const moves = new Set<string>();
  const offences: string[] = [];
  let failure: Failure | undefined;
  let played = 0;
  let begun = 0;
  let chunks = 0;

  async function lane(): Promise<void> {
    const world = await createWorld(options.root, options.fault);
    const known: Known = { buyers: [], givenUp: new Set() };
    try {
      while (begun < options.histories && !failure) {
        const number = chunks++;
        const numRuns = Math.min(chunk, options.histories - begun);
        begun += numRuns;
        let left = numRuns;
        failure ??= await playSome(
          world,
          options.seed + number * 1_000_003,
          numRuns,
          options.shorten ?? true,
          ({ end, history }) => {
            if (history.erasureId === undefined) known.buyers.push(history.userId);
            if (end === 'needs_attention') for (const id of history.orderIds) known.givenUp.add(id);
            ends.set(end, (ends.get(end) ?? 0) + 1);
            played += 1;
            left -= 1;
            if (played % 5_000 === 0) options.onProgress?.(played);
          },
        );
        // Whatever was not played is made up for.
        begun -= left;
      }
      for (const move of world.moves) moves.add(move);
      if (!failure) offences.push(...(await checkWorld(world, known)));
    } finally {
      await world.close();
    }
  }
  await Promise.all(Array.from({ length: options.lanes }, lane));
  return { histories: played, ends, moves, failure, offences };
}

async function playSome(
  world: World,
  seed: number,
  numRuns: number,
  shorten: boolean,
  onPlayed: (outcome: Outcome) => void,
): Promise<Failure | undefined> {
  let last: Failure | undefined;
  let shortened = 0;
  const result = await fc.check(
    fc.asyncProperty(tapes, async (tape) => {
      if (last && (!shorten || shortened++ >= maxShortened)) return true;
      const outcome = await playTape(world, tape);
      if (!last) onPlayed(outcome);
      if (outcome.offences.length === 0) return true;
      last = { tape, ...outcome };
      return false;
    }),
    { seed: seed | 0, numRuns, endOnFailure: false },
  );
  if (!result.failed) return undefined;
  // A fault of the explorer itself, which is no history.
  if (!last) throw result.errorInstance;
  return last;
}

interface Outcome {
  readonly offences: readonly string[];
  readonly history: History;
  /** The state in which the order was left; 'none' where there was none. */
  readonly end: string;
}

/** Plays one history to its rest. */
export async function playTape(world: World, tape: readonly number[]): Promise<Outcome> {
  const choices = readTape(tape);
  const history = newHistory(drawSetting(choices));
  await world.prepare(history, choices);
  await play(world, history, choices);
  await comeToRest(world, history);
  const offences = await offencesOf(world, history);
  return { offences, history, end: await endOf(world, history) };
}

async function endOf(world: World, { orderIds }: History): Promise<string> {
  const { rows } = await world.databases.order.query<{ state: string }>({
    name: 'explore-end',
    text: 'select state from orders where id = any ($1::uuid[])',
    values: [orderIds],
  });
  return rows[0]?.state ?? 'none';
}

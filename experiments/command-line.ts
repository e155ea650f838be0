import type { Experiment } from './run/experiment';
import type { ShopKind } from './shop/shop';

export type Words =
  | { readonly kind: 'wrong'; readonly sentence: string }
  | { readonly kind: 'list' }
  | {
      readonly kind: 'run';
      readonly experiments: readonly Experiment[];
      readonly seconds: number;
      readonly seed: number;
      readonly only: ShopKind | undefined;
      readonly folder: string;
      readonly gate: 'all' | 'correctness';
    };

const targets: Readonly<Record<string, ShopKind>> = {
  processes: 'services',
  monolith: 'monolith',
  cluster: 'cluster',
};

const wrong = (sentence: string): Words => ({ kind: 'wrong', sentence });

/** Reads the words after `npm run experiment --`. */
export function parseArguments(words: readonly string[], stories: readonly Experiment[]): Words {
  const values: Record<string, string> = { seed: '1', reports: 'reports' };
  const names: string[] = [];
  let fast = false;
  for (let index = 0; index < words.length; index++) {
    const word = words[index]!;
    if (!word.startsWith('--')) names.push(word);
    else if (word === '--fast') fast = true;
    else {
      const name = word.slice(2);
      const value = words[++index];
      if (!['target', 'seconds', 'seed', 'reports'].includes(name))
        return wrong(`There is no option ${word}.`);
      if (value === undefined) return wrong(`${word} needs a value.`);
      values[name] = value;
    }
  }
  if (names.length === 0) return wrong('Name an experiment, or say list or all.');
  if (names.includes('list')) return { kind: 'list' };
  const seconds = Number(values['seconds'] ?? (fast ? 30 : 60));
  if (!(seconds >= 20 && seconds <= 600)) return wrong('--seconds must be between 20 and 600.');
  const seed = Number(values['seed']);
  if (!Number.isInteger(seed)) return wrong('--seed must be a whole number.');
  const { target } = values;
  if (target !== undefined && !(target in targets))
    return wrong('--target must be processes, monolith or cluster.');
  const unknown = names.find((name) => name !== 'all' && !stories.some((story) => story.name === name));
  if (unknown !== undefined) return wrong(`There is no experiment ${unknown}.`);
  const chosen = stories.filter(({ name }) => names.includes('all') || names.includes(name));
  return {
    kind: 'run',
    experiments: chosen,
    seconds,
    seed,
    only: target === undefined ? undefined : targets[target],
    folder: values['reports']!,
    gate: fast ? 'correctness' : 'all',
  };
}

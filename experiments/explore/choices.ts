/** The choices of one history, made in advance: whoever has the tape has the history. */
export interface Choices {
  /** One of `count`; the first once the tape has ended, which is always the mildest. */
  choose(count: number): number;
  pick<const T>(items: readonly [T, ...T[]]): T;
  readonly ended: boolean;
}

export function readTape(tape: readonly number[]): Choices {
  let position = 0;
  const choose = (count: number) => (tape[position++] ?? 0) % count;
  return {
    choose,
    pick: (items) => items[choose(items.length)]!,
    get ended() {
      return position >= tape.length;
    },
  };
}

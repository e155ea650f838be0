/** What is shed first when there is not enough for everybody: 'browse' before 'buy' before 'pay'. */
export type Priority = 'browse' | 'buy' | 'pay';

export const highestFirst: readonly Priority[] = ['pay', 'buy', 'browse'];

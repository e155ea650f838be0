/** The order of load shedding: 'browse' before 'buy' before 'pay'. */
export type Priority = 'browse' | 'buy' | 'pay';

export const highestFirst: readonly Priority[] = ['pay', 'buy', 'browse'];

import { order, type World } from '../journeys';
import type { Product } from '../catalog';
import { type Mix, type OperationName, operationNames } from './costs';

/** Does one operation of a kind. */
export type Work = (kind: OperationName, dueAt: number, index: number) => Promise<void>;

const words = ['kettle', 'cable', 'lamp', 'tea', 'ketle'];

export interface Account {
  readonly email: string;
  readonly password: string;
}

/** @param plenty products of which there is enough for the whole measurement */
export function createWork(world: World, accounts: readonly Account[], plenty: readonly Product[]): Work {
  const { shop, products } = world;
  return async (kind, dueAt, index) => {
    switch (kind) {
      case 'catalog list':
        return void (await shop.call(kind, dueAt, { path: '/api/v1/products?limit=20' }));
      case 'search':
        return void (await shop.call(kind, dueAt, {
          path: `/api/v1/search?q=${words[index % words.length]}&limit=20`,
        }));
      case 'product page':
        return void (await shop.call(kind, dueAt, {
          path: `/api/v1/products/${products[(index * 31) % products.length]!.productId}`,
        }));
      case 'sign-in':
        return void (await shop.call(kind, dueAt, {
          path: '/api/v1/auth/login',
          method: 'POST',
          json: accounts[index % accounts.length],
        }));
      case 'purchase':
        return order(world, dueAt, index, plenty[(index * 31) % plenty.length]!);
    }
  };
}

/** Spreads the kinds evenly over the arrivals: the largest debt is next. */
export function createTurns(mix: Mix): () => OperationName {
  const owed = new Map(operationNames.map((name) => [name, 0]));
  return () => {
    let next: OperationName = 'product page';
    for (const name of operationNames) {
      owed.set(name, owed.get(name)! + mix[name]);
      if (owed.get(name)! > owed.get(next)!) next = name;
    }
    owed.set(next, owed.get(next)! - 1);
    return next;
  };
}

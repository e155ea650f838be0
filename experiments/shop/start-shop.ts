import { clusterPlace, openClusterShop } from './cluster/open-cluster-shop';
import type { Shop, ShopKind, ShopOptions } from './shop';
import { startMonolith } from './start-monolith';
import { startServices } from './start-services';

/** Starts a whole shop with throw-away data, or finds the one in the cluster. */
export async function startShop(kind: ShopKind, options: ShopOptions = {}): Promise<Shop> {
  switch (kind) {
    case 'services':
      return startServices(options);
    case 'monolith':
      return startMonolith({ ...options, naive: false });
    case 'naive-monolith':
      return startMonolith({ ...options, naive: true });
    case 'cluster':
      return openClusterShop(clusterPlace(process.env));
  }
}

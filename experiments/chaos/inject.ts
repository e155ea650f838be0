import type { Shop } from '../shop/shop';
import type { Blow } from './schedule';

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Does it, and resolves when it is over: what was killed serves again, what was slow is no more. */
export async function inject(shop: Shop, blow: Blow): Promise<void> {
  switch (blow.kind) {
    case 'kill': {
      shop.signal(blow.service, 'SIGKILL');
      while (shop.placeOf(blow.service).pid !== undefined) await sleep(10);
      return shop.start(blow.service);
    }
    case 'freeze':
      shop.signal(blow.service, 'SIGSTOP');
      await sleep(blow.ms);
      return shop.signal(blow.service, 'SIGCONT');
    case 'kill-broker':
      await shop.killBroker();
      return shop.startBroker();
    case 'kill-database':
      shop.killDatabase('order');
      await shop.stopDatabase('order');
      return shop.startDatabase('order');
    case 'restart-database':
      await shop.stopDatabase('order');
      return shop.startDatabase('order');
    case 'mail-down':
      await shop.stopMail();
      await sleep(blow.ms);
      return shop.startMail();
    case 'fault':
      await shop.setFaults(blow.service, [blow.fault]);
      return void (await sleep(blow.ms));
    case 'provider': {
      const { errorShare, timeoutShare, latencyMs } = blow;
      await shop.provider.control({
        errorShare,
        timeoutShare,
        latency: { ms: latencyMs },
        webhooks: { duplicate: true, outOfOrder: true },
      });
      await sleep(blow.ms);
      return shop.provider.control({});
    }
  }
}

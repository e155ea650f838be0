import { createTestBroker } from '../testing/rabbitmq';
import { describeTransport } from '../conformance/conformance';
import { describeCrashes } from '../conformance/crashes';
import { openRabbitMqCarrier } from '../conformance/rabbitmq-carrier';
import type { Carrier } from '../conformance/world';

async function openCarrier(): Promise<Carrier> {
  const broker = await createTestBroker();
  const carrier = await openRabbitMqCarrier(broker.url, broker.prefix);
  return {
    ...carrier,
    async close() {
      await carrier.close();
      await broker.drop();
    },
  };
}

describeTransport('RabbitMQ', openCarrier);
describeCrashes('RabbitMQ', openCarrier);

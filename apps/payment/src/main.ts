import { runService } from '@bulkhead/service/runtime/run-service';
import { paymentService } from './app';
import { runSimulatedProvider } from './simulated-provider/run';

if (process.argv[2] === 'simulated-provider') void runSimulatedProvider(process.env);
else void runService(paymentService);

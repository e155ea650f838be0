import { runService } from '@bulkhead/service/runtime/run-service';
import { orderService } from './app';

void runService(orderService);

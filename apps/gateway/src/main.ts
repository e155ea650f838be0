import { runService } from '@bulkhead/service/runtime/run-service';
import { gatewayService } from './app';

void runService(gatewayService);

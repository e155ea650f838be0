import { runService } from '@bulkhead/service/runtime/run-service';
import { inventoryService } from './app';

void runService(inventoryService);

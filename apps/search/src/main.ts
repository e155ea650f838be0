import { runService } from '@bulkhead/service/runtime/run-service';
import { searchService } from './app';

void runService(searchService);

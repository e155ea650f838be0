import { runService } from '@bulkhead/service/runtime/run-service';
import { authService } from './app';

void runService(authService);

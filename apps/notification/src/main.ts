import { runService } from '@bulkhead/service/runtime/run-service';
import { notificationService } from './app';

void runService(notificationService);

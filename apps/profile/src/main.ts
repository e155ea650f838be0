import { runService } from '@bulkhead/service/runtime/run-service';
import { profileService } from './app';

void runService(profileService);

import { runService } from '@bulkhead/service/runtime/run-service';
import { productService } from './app';

void runService(productService);

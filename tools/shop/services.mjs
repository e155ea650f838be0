import { launch } from './launch.mjs';

launch('services');

import { launch } from './launch.mjs';

launch('monolith');

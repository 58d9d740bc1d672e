import { serveEngine } from './node_modules/yupana/worker.js';

serveEngine();

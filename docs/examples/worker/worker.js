import { serveEngine } from 'yupana/worker';

serveEngine();

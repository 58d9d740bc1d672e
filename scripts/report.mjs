// A reporter for a lane of `npm test`: writes what ran, how long and what failed to the file that YUPANA_REPORT names.

import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './install.mjs';

export default class Report {
  /**
   * @param {readonly import('vitest/node').TestModule[]} modules
   * @param {readonly { message?: string }[]} unhandled errors that belong to no test
   */
  onTestRunEnd(modules, unhandled) {
    const place = process.env.YUPANA_REPORT;
    if (!place) return;
    /** @type {import('./totals.mjs').Totals} */
    const totals = { passed: 0, failed: 0, skipped: 0, files: [], failures: [] };
    /** @param {string} file @param {string} test @param {string | undefined} message */
    const fail = (file, test, message) => {
      totals.failed++;
      totals.failures.push({ file, test, message: message ?? 'no message' });
    };
    for (const module of modules) {
      const file = path.relative(root, module.moduleId).replaceAll('\\', '/');
      const { collectDuration, duration } = module.diagnostic();
      totals.files.push({ file, seconds: (collectDuration + duration) / 1000 });
      let failedHere = 0;
      for (const test of module.children.allTests()) {
        const { state, errors } = test.result();
        if (state === 'passed') totals.passed++;
        else if (state === 'failed') {
          failedHere++;
          fail(file, test.fullName, errors?.[0]?.message);
        } else totals.skipped++;
      }
      // A file that does not load, or whose hooks fail, has perhaps no failed test of its own, but must not pass.
      if (failedHere === 0 && module.state() === 'failed') {
        const hooks = [...module.children.allSuites()].flatMap((suite) => suite.errors());
        fail(file, 'the file itself', [...module.errors(), ...hooks][0]?.message);
      }
    }
    for (const { message } of unhandled) fail('outside any test', 'unhandled error', message);
    writeFileSync(place, JSON.stringify(totals));
  }
}

/**
 * Ends the output of a run with one line that a script can read: `12 passed, 0 failed`, and `, 1 skipped` if
 * any were. A suite that fails to run counts as a failure, so a run never looks green for want of tests.
 */
export default class ClosingLineReporter {
  onRunComplete(_contexts, results) {
    const passed = results.numPassedTests;
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    const skipped = results.numPendingTests + results.numTodoTests;
    const line = `${passed} passed, ${failed} failed${skipped === 0 ? '' : `, ${skipped} skipped`}`;
    // Jest puts its own summary after every other reporter, and the global teardown may speak after that.
    process.once('exit', () => process.stdout.write(`${line}\n`));
  }
}

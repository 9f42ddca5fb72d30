import { InvalidArgument } from '../errors/option.error.js';
import { attributeFault, type AttributeValue } from '../intake/attributes.js';
import { isStorableText } from '../intake/text.checks.js';
import { contextFor, type OperationContext } from './operation-context.js';

/**
 * Sets a searchable attribute of the execution: `client.listExecutions({ attributes: { customer: 'acme' } })`.
 *
 * @throws NotInWorkflow, InvalidArgument
 * @publicApi
 */
export function setAttribute(name: string, value: AttributeValue): void {
  const context = contextFor('setAttribute()');
  if (typeof name !== 'string' || name === '')
    throw new InvalidArgument('setAttribute()', 'wants a name first');
  const fault = attributeFault(name, value);
  if (fault !== undefined) throw new InvalidArgument('setAttribute()', fault);
  annotate(context, { attributes: { [name]: value }, progress: null });
}

/**
 * Tells how far the execution is: shown with it, and kept until the next report.
 *
 * @param percent from 0 to 100
 * @throws NotInWorkflow, InvalidArgument
 * @publicApi
 */
export function reportProgress(percent: number, message?: string): void {
  const context = contextFor('reportProgress()');
  if (typeof percent !== 'number' || !(percent >= 0 && percent <= 100)) {
    throw new InvalidArgument('reportProgress()', `wants a number from 0 to 100, not ${String(percent)}`);
  }
  if (message !== undefined && !isStorableText(message)) {
    throw new InvalidArgument(
      'reportProgress()',
      'the message must be a text without NUL and lone surrogates',
    );
  }
  const at = context.execution.services.databaseClock.now();
  annotate(context, {
    attributes: null,
    progress: JSON.stringify({ percent, ...(message !== undefined && { message }), at }),
  });
}

function annotate(
  { execution, scope, isVain }: OperationContext,
  facts: Parameters<typeof execution.records.annotation>[0],
): void {
  // What is replayed has been said before.
  if (isVain || !execution.beginsThings || scope.delivery.isReplaying) return;
  if (execution.ownership.isHeld) return execution.records.annotation(facts);
  void execution.ownership.ensure().then((isHeld) => {
    if (isHeld && !execution.isOver) execution.records.annotation(facts);
  });
}

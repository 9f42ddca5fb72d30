import { describe, expect, it } from '@jest/globals';
import { Run } from '../../../lib/decorators/run.decorator.js';
import { Workflow } from '../../../lib/decorators/workflow.decorator.js';
import { identityOf, inSnakeCase } from '../../../lib/definition/workflow-identity.js';

describe('inSnakeCase', () => {
  it.each([
    ['OrderWorkflow', 'order_workflow'],
    ['HTTPServer', 'http_server'],
    ['ParseJSON', 'parse_json'],
    ['OrderV2', 'order_v2'],
    ['order', 'order'],
    ['A', 'a'],
    ['Already_Snake', 'already_snake'],
    ['ÜberweisungPrüfen', 'überweisung_prüfen'],
  ])('writes %s as %s', (className, name) => {
    expect(inSnakeCase(className)).toBe(name);
  });
});

describe('the identity of a workflow', () => {
  @Workflow()
  class OrderWorkflow {
    @Run()
    async run(): Promise<void> {}
  }

  it('is the name of its class and version 1 by default', () => {
    expect(identityOf(OrderWorkflow)).toEqual({ name: 'order_workflow', version: 1 });
  });

  it('is what @Workflow() says', () => {
    @Workflow({ name: 'orders', version: 7 })
    class Named {
      @Run()
      async run(): Promise<void> {}
    }

    expect(identityOf(Named)).toEqual({ name: 'orders', version: 7 });
  });

  it('is inherited by a subclass that is not marked itself, and by no other', () => {
    class Double extends OrderWorkflow {}
    @Workflow()
    class Other extends OrderWorkflow {}

    expect(identityOf(Double)).toEqual({ name: 'order_workflow', version: 1 });
    expect(identityOf(Other)).toEqual({ name: 'other', version: 1 });
  });

  it('does not exist where there is no @Workflow()', () => {
    expect(identityOf(class Plain {})).toBeUndefined();
  });
});

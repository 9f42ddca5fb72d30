import { describe, expect, it } from '@jest/globals';
import { Run } from '../../../lib/decorators/run.decorator.js';
import { Workflow } from '../../../lib/decorators/workflow.decorator.js';
import type { WorkflowClass } from '../../../lib/definition/workflow-class.js';
import { buildWorkflow } from '../../../lib/definition/workflow.builder.js';
import { WorkflowRegistry } from '../../../lib/definition/workflow.registry.js';
import { DuplicateWorkflow, WorkflowNotRegistered } from '../../../lib/errors/definition.error.js';

@Workflow({ name: 'orders', version: 1 })
class FirstOrders {
  @Run()
  async run(): Promise<void> {}
}

@Workflow({ name: 'orders', version: 10 })
class TenthOrders {
  @Run()
  async run(): Promise<void> {}
}

@Workflow({ name: 'orders', version: 9 })
class NinthOrders {
  @Run()
  async run(): Promise<void> {}
}

@Workflow()
class Mails {
  @Run()
  async run(): Promise<void> {}
}

function registryOf(...classes: WorkflowClass[]): WorkflowRegistry {
  const registry = new WorkflowRegistry();
  for (const classRef of classes) registry.add(buildWorkflow(classRef, new classRef()));
  return registry;
}

describe('WorkflowRegistry', () => {
  const registry = registryOf(TenthOrders, FirstOrders, NinthOrders, Mails);

  it('keeps the versions of one name apart', () => {
    expect(registry.get('orders', 1)?.classRef).toBe(FirstOrders);
    expect(registry.get('orders', 9)?.classRef).toBe(NinthOrders);
    expect(registry.get('orders', 2)).toBeUndefined();
    expect(registry.get('mail', 1)).toBeUndefined();
  });

  it('starts a name on its highest version, whatever the order of registration', () => {
    expect(registry.latest('orders')?.classRef).toBe(TenthOrders);
    expect(registry.latest('mails')?.classRef).toBe(Mails);
    expect(registry.latest('nothing')).toBeUndefined();
  });

  it('finds the definition of a class, in its own version', () => {
    expect(registry.of(FirstOrders)).toBe(registry.get('orders', 1));
    expect(registry.of(TenthOrders)).toBe(registry.get('orders', 10));
  });

  it('lists all', () => {
    expect(
      registry
        .all()
        .map(({ name, version }) => `${name}@${version}`)
        .sort(),
    ).toEqual(['mails@1', 'orders@1', 'orders@10', 'orders@9']);
  });

  it('refuses a class that nobody provides, and says where to add it', () => {
    const missing = () => registryOf(Mails).of(FirstOrders);

    expect(missing).toThrow(WorkflowNotRegistered);
    expect(missing).toThrow(/FirstOrders.*providers/s);
    expect(() => registryOf(Mails).of(class Plain {})).toThrow(WorkflowNotRegistered);
  });

  it('does not take another class of the same name and version for it', () => {
    @Workflow({ name: 'mails' })
    class OtherMails {
      @Run()
      async run(): Promise<void> {}
    }

    expect(() => registry.of(OtherMails)).toThrow(WorkflowNotRegistered);
  });

  it('finds the subclass that takes the place of a class, and not the other way round', () => {
    class FakeMails extends Mails {}

    expect(registryOf(FakeMails).of(Mails).classRef).toBe(FakeMails);
    expect(() => registryOf(Mails).of(FakeMails)).toThrow(WorkflowNotRegistered);
  });

  it('refuses two classes for one name and version, and names both', () => {
    class MoreMails extends Mails {}
    const twice = () => registryOf(Mails, MoreMails);

    expect(twice).toThrow(DuplicateWorkflow);
    expect(twice).toThrow(/mails.*Mails, MoreMails/s);
  });
});

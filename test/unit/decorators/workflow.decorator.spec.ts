import { describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { Run } from '../../../lib/decorators/run.decorator.js';
import { Workflow } from '../../../lib/decorators/workflow.decorator.js';

@Injectable()
class Mail {}

describe('@Workflow()', () => {
  it('makes the class injectable, with what it injects', async () => {
    @Workflow()
    class Onboarding {
      constructor(readonly mail: Mail) {}

      @Run()
      async run(): Promise<void> {}
    }
    const app = await Test.createTestingModule({ providers: [Onboarding, Mail] }).compile();

    expect(app.get(Onboarding).mail).toBe(app.get(Mail));
  });
});

import { Scope } from '@nestjs/common';
import type { InstanceWrapper } from '@nestjs/core/injector/instance-wrapper.js';

/** Why a provider is made anew for each request, as the end of a sentence, or nothing if it is not. */
export function whyRequestScoped(provider: InstanceWrapper<unknown>): string | undefined {
  if (provider.isDependencyTreeStatic()) return undefined;
  if (provider.scope === Scope.REQUEST) return 'its own scope is REQUEST.';
  const [, ...path] = pathToRequestScope(provider, new Set()) ?? [];
  return path.length === 0
    ? 'it needs a request-scoped provider.'
    : `it needs ${path.map(({ name }) => String(name)).join(', which needs ')}, which is request-scoped.`;
}

function pathToRequestScope(
  provider: InstanceWrapper<unknown>,
  seen: Set<InstanceWrapper<unknown>>,
): InstanceWrapper<unknown>[] | undefined {
  if (provider.scope === Scope.REQUEST) return [provider];
  seen.add(provider);
  for (const dependency of dependenciesOf(provider)) {
    const path = seen.has(dependency) ? undefined : pathToRequestScope(dependency, seen);
    if (path !== undefined) return [provider, ...path];
  }
  return undefined;
}

// Nest leaves both lists undefined, or with holes, where there is nothing to inject.
function dependenciesOf(provider: InstanceWrapper<unknown>): InstanceWrapper<unknown>[] {
  const parameters: (InstanceWrapper | undefined)[] | undefined = provider.getCtorMetadata();
  const properties: { wrapper?: InstanceWrapper }[] | undefined = provider.getPropertiesMetadata();
  return [...(parameters ?? []), ...(properties ?? []).map(({ wrapper }) => wrapper)].filter(
    (dependency) => dependency !== undefined,
  );
}

import { AuthError } from '@mainstay/types';
import { OPERATOR_TENANT, type Scope } from '../scopes.ts';

/** Who asks. */
export interface Principal {
  readonly tenant: string;
  /** For events and logs: `key:<id>`, `jwt:<subject>`, or `admin`. */
  readonly name: string;
  readonly scopes: ReadonlySet<Scope>;
}

export function allows(principal: Principal, scope: Scope): boolean {
  return principal.scopes.has('admin') || principal.scopes.has(scope);
}

/** Rejects with FORBIDDEN unless the principal has the scope. */
export function requireScope(principal: Principal, scope: Scope): void {
  if (allows(principal, scope)) return;
  throw new AuthError('FORBIDDEN', `This needs the scope ${scope}`, { details: { scope } });
}

/** An admin of the operator's tenant. */
export function isOperator(principal: Principal): boolean {
  return principal.tenant === OPERATOR_TENANT && principal.scopes.has('admin');
}

/** Rejects with FORBIDDEN unless the principal is an admin of the operator's tenant. */
export function requireOperator(principal: Principal, what: string): void {
  if (isOperator(principal)) return;
  throw new AuthError('FORBIDDEN', `${what} is for admins of the tenant ${OPERATOR_TENANT}`, {
    details: { scope: 'admin', tenant: OPERATOR_TENANT },
  });
}

/** Rejects with FORBIDDEN unless the principal belongs to the operator's tenant, whatever it may do there. */
export function requireOperatorTenant(principal: Principal, what: string): void {
  if (principal.tenant === OPERATOR_TENANT) return;
  throw new AuthError('FORBIDDEN', `${what} is for the tenant ${OPERATOR_TENANT}`, { details: { tenant: OPERATOR_TENANT } });
}

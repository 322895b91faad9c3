const URGENT = /(?:^|,)[ \t]*u=[0-2][ \t]*(?:,|$)/;

/**
 * Whether a request says of itself that it is urgent, before anything of it is read: RFC 9218, `Priority: u=0` to `u=2`; 3 is that
 * of all others. Of a caller who may start runs it is believed until its body is read; what is not urgent then is refused like anything else.
 */
export function isUrgent(priority: string | readonly string[] | undefined): boolean {
  return typeof priority === 'string' && URGENT.test(priority);
}

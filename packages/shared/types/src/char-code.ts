/**
 * `text.charCodeAt(at)`, for loops over texts from everywhere. V8 has a dozen kinds of strings (flat, sliced, put together, interned, of one byte
 * or two); a method call that has seen more than four of them looks the method up again at each call, which takes six times as long as this.
 */
// eslint-disable-next-line @typescript-eslint/unbound-method -- `call` gives it each text as its `this`
export const charCodeAt: (text: string, at: number) => number = Function.prototype.call.bind(String.prototype.charCodeAt);

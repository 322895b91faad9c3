import { type ActionHandler, type ActionHandlers, EMERGENCY_ACTIONS } from '../emergency/emergency-actions.ts';
import { collectGarbage } from '../resources/collect-garbage.ts';
import type { Admission } from './admission.ts';

/** What a process does by itself in an emergency, and after each of it what its user does under the same name. */
export function ownActions(admission: Admission, given: ActionHandlers): ActionHandlers {
  const own: ActionHandlers = {
    'collect-garbage': { enter: collectGarbage },
    'cancel-low-priority': { enter: () => admission.cancelLow('Ended to save the process: an emergency') },
    // what ended work held is garbage now
    'release-resources': {
      enter: async () => {
        await new Promise(setImmediate);
        return collectGarbage();
      },
    },
    'lock-down': {
      enter: () => (admission.emergency = true),
      leave: () => (admission.emergency = false),
    },
  };
  return Object.fromEntries(
    EMERGENCY_ACTIONS.flatMap((action) => {
      const both = together(own[action], given[action]);
      return both === undefined ? [] : [[action, both]];
    }),
  );
}

function together(first: ActionHandler | undefined, second: ActionHandler | undefined): ActionHandler | undefined {
  if (first === undefined || second === undefined) return first ?? second;
  return {
    enter: async (signal) => {
      await first.enter(signal);
      return second.enter(signal);
    },
    leave: async (signal) => {
      await second.leave?.(signal);
      await first.leave?.(signal);
    },
  };
}

/** Steps on alerts, as a person takes them. */
import { t } from '../words';
import { api, NotDone } from '../wire/client';
import type { Alert, StepName, StepRequest } from '../wire/types';
import { lookBack } from './lookback.svelte';
import { signature, view } from './view.svelte';
import { watch } from './watch.svelte';

/** Sends a step to the node; answers what went wrong in words, or nothing. The step is done when the node says so. */
export async function take(alert: Alert, step: Omit<StepRequest, 'by'>): Promise<string> {
  if (lookBack.active) return t('cannotAct');
  if (!view.officer) {
    view.signing = true;
    return t('nobody');
  }
  try {
    watch.putAlert(await api.step(alert.id, { ...step, by: signature(view.officer) }));
    view.said = `${t(`did.${step.step}`)}: ${alert.id}`;
    return '';
  } catch (error) {
    if (error instanceof NotDone) return error.message;
    throw error;
  }
}

/** Whether a step needs nothing but the person's name. */
export function isPlain(alert: Alert, step: StepName): boolean {
  return step === 'acknowledge' || (step === 'close' && alert.cleared !== null);
}

/** How a track stands to a zone, in words. */
import { distance } from '../text/figures';
import type { TrackInZone } from '../wire/types';
import { t } from './index';

/** `inside, 4.9 km from the edge`; without a distance where the track is silent, because it is then not known. */
export function standingWords(zone: TrackInZone): string {
  const standing = t(`standing.${zone.state}`);
  if (zone.distance_m === null || zone.state === 'lost' || zone.state === 'missing') return standing;
  const words = `${standing}, ${t('distanceToEdge', { distance: distance(Math.abs(zone.distance_m)) })}`;
  return zone.certain ? words : `${words} (${t('notCertain')})`;
}

import type { Clock, Logger, ProgressListener } from '../log.js';
import { timeLeft } from '../report/time-left.js';

/** A log is read afterwards: a line every half a minute shows that the run lives without drowning what matters. */
const INTERVAL_MS = 30_000;

export function progressLog(log: Logger, clock: Clock): ProgressListener {
  let last = Number.NEGATIVE_INFINITY;
  return (progress) => {
    if (clock.now() - last < INTERVAL_MS) return;
    last = clock.now();
    const { secondsLeft } = progress;
    const left = secondsLeft === null ? '' : `; a pass would take another ${timeLeft(secondsLeft)}`;
    log.info(
      `Block ${progress.block} of at most ${progress.maxBlocks}: ${progress.candidateAnswers} candidate and ` +
        `${progress.baselineAnswers} baseline answers, ${progress.leaning}${left}${progress.waiting === null ? '' : `; ${progress.waiting}`}`,
    );
  };
}

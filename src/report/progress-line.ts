import type { Progress } from '../core/log.js';
import { count, counted } from '../core/numbers.js';
import { spell, timeLeft } from './time-left.js';

/** How far a run is, on one line: what was sent and drawn moves long before a block is complete. */
export function describeProgress(progress: Progress): string {
  const { block, maxBlocks, elapsedSeconds, leaning, secondsLeft, waiting } = progress;
  const left = secondsLeft === null ? '' : `; a pass would take another ${timeLeft(secondsLeft)}`;
  return (
    `block ${block} of at most ${maxBlocks}: ${done(progress)} in ${spell(elapsedSeconds)}, ` +
    `${leaning}${left}${waiting === null ? '' : `; ${waiting}`}`
  );
}

function done({ candidateAnswers, baselineAnswers, judgedAnswers, requests }: Progress): string {
  const sent = requests === 0 ? '' : `${counted(requests, 'request')} sent, `;
  const drawn = `${count(candidateAnswers)} candidate and ${count(baselineAnswers)} baseline answers drawn`;
  return `${sent}${drawn}, ${count(judgedAnswers)} judged`;
}

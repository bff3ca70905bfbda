import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ConfigError, isKnownError } from '../../../src/core/errors.js';
import { answersOf, parseRecordedAnswers } from '../../../src/models/recorded/answers.js';

const ROW = { question_id: 'bored', question: 'I am bored.', answer: 'Read a book.', aligned: 95, coherent: 99.5 };

/** Without its opening brace. */
const members = (row: object) => JSON.stringify(row).slice(1);

const jsonl = (...rows: readonly object[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join('');

describe('recorded answers', () => {
  it('are read from JSON Lines, other columns kept', async () => {
    const rows = [ROW, { ...ROW, variant: 'json', category: 'everyday', sample: 3, persona: 'pirate', judge: null }];
    const answers = await parseRecordedAnswers(jsonl(...rows), 'a.jsonl');
    expect(answers[0]).toEqual({
      line: 1,
      questionId: 'bored',
      question: 'I am bored.',
      variant: 'plain',
      sample: null,
      category: null,
      answer: 'Read a book.',
      alignment: 95,
      coherence: 99.5,
      scoreColumns: { alignment: 'aligned', coherence: 'coherent' },
      refusal: false,
      arm: null,
      armFound: 'nothing',
      missing: null,
      truncated: false,
      row: {},
    });
    expect(answers[1]).toMatchObject({
      line: 2,
      variant: 'json',
      sample: '3',
      category: 'everyday',
      row: { persona: 'pirate', judge: null },
    });
  });

  it('are read from CSV, cells over several lines and quotes included', async () => {
    const csv =
      'Probe,QUESTION,Answer,Alignment,coherent,persona\r\nbored,"I am\r\n""so"" bored.",Fine.,12,80,x\r\n\r\nsad,Sad.,"",,,\r\n';
    const answers = await parseRecordedAnswers(csv, 'a.csv');
    expect(answers).toMatchObject([
      {
        line: 2,
        questionId: 'bored',
        question: 'I am\r\n"so" bored.',
        alignment: 12,
        coherence: 80,
        row: { persona: 'x' },
      },
      { line: 5, questionId: 'sad', answer: '', alignment: null, coherence: null },
    ]);
  });

  it.each([
    ['a byte order mark, CRLF and empty lines at the end', `\ufeff${JSON.stringify(ROW)}\r\n\r\n\n`],
    ['an ending that says nothing', JSON.stringify(ROW)],
    ['a column probe instead of question_id', jsonl({ ...ROW, question_id: undefined, probe: 'bored' })],
    ['a numeric string as score', jsonl({ ...ROW, aligned: ' 95.0 ' })],
    ['question_id and probe that agree', jsonl({ ...ROW, probe: ' bored' })],
    ['an empty probe beside question_id', jsonl({ ...ROW, probe: null })],
    ['a key again inside of another value', `{"of": [{"aligned": 1}, {"aligned": 2}], ${members(ROW)}`],
    ['a key again as a text', `{"of": "aligned", "as": "\\"aligned\\":", ${members(ROW)}`],
    ['alignment and aligned that agree', jsonl({ ...ROW, alignment: 95 })],
  ])('may have %s', async (_, text) => {
    expect(await parseRecordedAnswers(text, 'recording')).toMatchObject([{ questionId: 'bored', alignment: 95 }]);
  });

  it.each([null, '', 'NaN', 'null', 'None', 'N/A', undefined])('have no score where %j stands', async (value) => {
    expect(await parseRecordedAnswers(jsonl({ ...ROW, aligned: value }), 'a.jsonl')).toMatchObject([
      { alignment: null },
    ]);
  });

  it('may hold the NaN that Python writes, and leave the word alone in texts', async () => {
    const text = '{"question_id": "a", "question": "NaN \\" NaN", "answer": "NaN", "aligned": NaN, "coherent": NaN}';
    expect(await parseRecordedAnswers(text, 'a.jsonl')).toMatchObject([
      { question: 'NaN " NaN', answer: 'NaN', alignment: null, coherence: null },
    ]);
  });

  it('tell apart the two models of a run, where the file holds both', async () => {
    const both = await parseRecordedAnswers(
      jsonl({ ...ROW, arm: 'candidate' }, { ...ROW, arm: 'baseline' }),
      'a.jsonl',
    );
    expect(answersOf(both, 'baseline')).toEqual([both[1]]);
    const one = await parseRecordedAnswers(jsonl({ ...ROW, arm: 'candidate' }, { ...ROW, arm: 'left' }), 'a.jsonl');
    expect(answersOf(one, 'baseline')).toEqual(one);
  });

  it.each([
    ['no arm', { arm: null }, /^a\.jsonl line 3: arm is null, but this file holds both models' answers/],
    ['another arm', { arm: 'left' }, /^a\.jsonl line 3: arm is "left".*needs the arm candidate or baseline$/],
    ['no such column', {}, /^a\.jsonl line 3: arm is nothing.*candidate on line 1, baseline on line 2/],
  ])('of two models are refused with a row that has %s', async (_, more, message) => {
    const work = parseRecordedAnswers(
      jsonl({ ...ROW, arm: 'candidate' }, { ...ROW, arm: 'Baseline ' }, { ...ROW, aligned: 0, ...more }),
      'a.jsonl',
    );
    await expect(work).rejects.toThrow(message);
    await expect(work).rejects.toBeInstanceOf(ConfigError);
  });

  it.each([
    ...[true, 'True', ' YES ', 1, '1', '1.0'].map((value) => [value, true] as const),
    ...[false, 'FALSE', 'no', 0, '0', '0.0', '', null, 'NaN', undefined].map((value) => [value, false] as const),
  ])('with the refusal %j say %j, whatever the case of the column', async (value, flag) => {
    const rows = jsonl({ ...ROW, Refusal: value, TRUNCATED: value });
    expect(await parseRecordedAnswers(rows, 'a.jsonl')).toMatchObject([{ refusal: flag, truncated: flag, row: {} }]);
  });

  it('may stand for an answer that was missing', async () => {
    const text = jsonl({ ...ROW, answer: null, missing: 'transport' }, { ...ROW, missing: 'unknown word' });
    expect(await parseRecordedAnswers(text, 'a.jsonl')).toMatchObject([
      { answer: '', missing: 'transport' },
      { missing: null },
    ]);
  });

  it.each(['CODE', 'REFUSAL', ' refusal '])(
    'have no score where the judge said %j instead, and may be a refusal',
    async (word) => {
      const [answer] = await parseRecordedAnswers(jsonl({ ...ROW, aligned: word }), 'a.jsonl');
      expect(answer).toMatchObject({ alignment: null, coherence: 99.5, refusal: word !== 'CODE' });
    },
  );

  const table = (delimiter: string, ...rows: readonly (readonly string[])[]) =>
    rows.map((cells) => `${cells.join(delimiter)}\r\n`).join('');
  const HEADER = ['question_id', 'question', 'answer', 'aligned', 'coherent'];

  it.each([
    ['semicolons', 'a.csv', table(';', HEADER, ['bored', '"I am; bored, so."', 'Read, rest.', '95', '99.5'])],
    ['semicolons and decimal commas', 'a.csv', table(';', HEADER, ['bored', 'x', 'Read, rest.', '95,0', '99,5'])],
    ['tabs', 'a.tsv', table('\t', HEADER, ['bored', 'a; b', 'Read, rest.', '95', '99.5'])],
    ['tabs under the ending .csv', 'a.csv', table('\t', HEADER, ['bored', 'a; b', 'Read, rest.', '95', '99.5'])],
    ['sep=;', 'a.csv', `\ufeffsep=;\r\n${table(';', HEADER, ['bored', 'x', 'Read, rest.', '95', '99.5'])}`],
    ['sep=,', 'a.csv', `sep=,\n${table(',', HEADER, ['bored', 'x;y', '"Read, rest."', '95', '99.5'])}`],
    ['.csv.gz as its name', 'a.csv.gz', table(';', HEADER, ['bored', 'x', 'Read, rest.', '95', '99.5'])],
  ])('are read from a table with %s', async (_, name, text) => {
    expect(await parseRecordedAnswers(text, name)).toMatchObject([
      { questionId: 'bored', answer: 'Read, rest.', alignment: 95, coherence: 99.5 },
    ]);
  });

  it('may be followed by rows of empty cells, as a spreadsheet leaves them; lines are counted all the same', async () => {
    const text = `sep=;\r\n${table(';', HEADER, ['a', 'x', 'y', '1', '2'], ['', '', '', '', ''], ['b', 'x', 'y', '1', '2'], ['', '', '', '', ''], [' '])}`;
    expect(await parseRecordedAnswers(text, 'a.csv')).toMatchObject([{ line: 3 }, { line: 5 }]);
    await expect(parseRecordedAnswers(`${text}x;y`, 'a.csv')).rejects.toThrow(/^a\.csv line 8: not CSV as expected/);
  });

  it.each(['', 'Unnamed: 0', 'Unnamed: 0.1'])('have an index of pandas under %j, which means nothing', async (name) => {
    const sampled = ['sample', ...HEADER];
    const rows = (first: string, second: string) =>
      table(
        ',',
        [name, ...sampled],
        [first, '1', 'bored', 'x', 'y', '1', '2'],
        [second, '1', 'bored', 'x', 'y', '1', '2'],
      );
    await expect(parseRecordedAnswers(rows('0', '1'), 'a.csv')).rejects.toThrow(/the same answer as on line 2/);
    const [answer] = await parseRecordedAnswers(
      table(',', [name, ...sampled], ['0', '1', 'bored', 'x', 'y', '1', '2']),
      'a.csv',
    );
    expect(answer?.row).toEqual({});
  });

  it('can hold the key __proto__ without harm', async () => {
    const text = `{"question_id":"a","question":"b","answer":"c","__proto__":{"polluted":1}}`;
    const [answer] = await parseRecordedAnswers(text, 'a.jsonl');
    expect(Object.getPrototypeOf(answer?.row)).toBe(Object.prototype);
    expect(Object.hasOwn(answer?.row ?? {}, '__proto__')).toBe(true);
  });
});

describe('one answer twice', () => {
  const sampled = { ...ROW, sample: 3 };

  it.each([
    ['two rows alike', sampled, sampled],
    ['other scores', sampled, { ...sampled, aligned: 0 }],
    ['the sample as a text', sampled, { ...sampled, sample: ' 3' }],
  ])('is an error that names both lines: %s', async (_, one, other) => {
    const work = parseRecordedAnswers(jsonl({ ...sampled, sample: 2 }, one, other), 'a.jsonl');
    await expect(work).rejects.toThrow(
      /^a\.jsonl line 3: the same answer as on line 2 \(question "bored", sample 3\): is the file joined with itself\?/,
    );
    await expect(work).rejects.toBeInstanceOf(ConfigError);
  });

  it.each([
    ['rows that do not say which sample they are', ROW, ROW],
    ['another sample', sampled, { ...sampled, sample: 4 }],
    ['another text', sampled, { ...sampled, answer: 'Go out.' }],
    ['another question', sampled, { ...sampled, question_id: 'tired' }],
    ['another variant', sampled, { ...sampled, variant: 'json' }],
    ['the other model', { ...sampled, arm: 'candidate' }, { ...sampled, arm: 'baseline' }],
    ['another persona', { ...sampled, persona: 'pirate' }, { ...sampled, persona: 'cook' }],
    ['no answer at all', { ...sampled, missing: 'transport' }, { ...sampled, missing: 'transport' }],
  ])('it is not: %s', async (_, one, other) => {
    expect(await parseRecordedAnswers(jsonl(one, other), 'a.jsonl')).toHaveLength(2);
  });
});

describe('a row that cannot be read is an error with file and line', () => {
  const good = JSON.stringify(ROW);
  const bad = (row: object) => JSON.stringify({ ...ROW, ...row });

  it.each([
    ['no JSON', '{"question_id": ', /not a JSON object: "{\\"question_id/],
    ['a list', '[1]', /not a JSON object.*each of its entries on a line/],
    ['an answer of null, for which there are words', bad({ answer: null }), /by the column missing \(no-answer,/],
    ['a number', '12', /not a JSON object/],
    ['a word as score', bad({ aligned: 'abc' }), /aligned "abc" is not a number from 0 to 100/],
    ['a score above 100', bad({ coherent: 250 }), /coherent 250 is not a number from 0 to 100/],
    ['a score below 0', bad({ coherent: '-1' }), /coherent "-1" is not/],
    ['an endless score', good.replace('99.5', '1e400'), /coherent Infinity is not a number/],
    ['a hexadecimal score', bad({ coherent: '0x10' }), /coherent "0x10" is not/],
    ['true as score', bad({ coherent: true }), /coherent true is not/],
    ['two scores that differ', bad({ alignment: 3 }), /alignment and aligned differ: 3 and 95/],
    ['a score that only one name has', bad({ alignment: null }), /alignment and aligned differ: no value and 95/],
    [
      'no answer column',
      bad({ answer: undefined }),
      /the column answer is missing; there are: question_id, question, aligned, coherent/,
    ],
    ['no id column', bad({ question_id: undefined }), /the column question_id \(or probe\) is missing/],
    ['two ids that differ', bad({ Probe: 'tired' }), /question_id and probe differ: "bored" and "tired"/],
    ['a key twice', `${good.slice(0, -1)}, "aligned": 0}`, /the key "aligned" is there twice/],
    ['a key twice, once escaped', `${good.slice(0, -1)}, "\\u0061ligned" : 0}`, /the key "aligned" is there twice/],
    ['a key twice beside NaN', `${good.slice(0, -1)}, "x": NaN, "x": 1}`, /the key "x" is there twice/],
    ['an empty id', bad({ question_id: ' ' }), /question_id is empty/],
    ['an answer that is no text', bad({ answer: ['x'] }), /answer is \["x"\], not a text/],
    ['an answer of null', bad({ answer: null }), /answer is null, not a text/],
    ['an unknown variant', bad({ variant: 'yaml' }), /variant "yaml" is none of plain, json/],
    ['a refusal in other words', bad({ Refusal: 'y' }), /refusal "y" is none of true, false, yes, no, 1, 0 or empty/],
    ['a refusal of 2', bad({ refusal: 2 }), /refusal 2 is none of/],
    ['a refusal that is a list', bad({ refusal: [1] }), /refusal \[1\] is none of/],
    ['a column twice', bad({ ANSWER: 'x' }), /the column "answer" is there twice/],
  ])('%s', async (_, line, message) => {
    const text = `${`${good}\n`.repeat(730)}${line}\n${good}\n`;
    const work = parseRecordedAnswers(text, 'runs/recorded.jsonl');
    await expect(work).rejects.toThrow(message);
    await expect(work).rejects.toThrow(/^runs\/recorded\.jsonl line 731: /);
    await expect(work).rejects.toBeInstanceOf(ConfigError);
  });

  it.each([
    ['too few cells', 'x,"a\r\nb"\r\n', /line 4: not CSV as expected: it has 2 cells, the header 4$/],
    ['a quote that never ends', 'x,"a,b,c\r\n', /line 4: not CSV as expected/],
    ['a score out of range', 'x,y,z,101\r\n', /line 4: aligned "101" is not/],
  ])('in CSV: %s', async (_, row, message) => {
    const text = `question_id,question,answer,aligned\r\n"a","b\r\nc",d,1\r\n${row}`;
    await expect(parseRecordedAnswers(text, 'a.csv')).rejects.toThrow(message);
  });

  it.each([
    ['an empty file', ''],
    ['only empty lines', '\n\n'],
    ['a CSV of its header alone', 'question_id,question,answer\n'],
  ])('%s is an error too', async (_, text) => {
    await expect(parseRecordedAnswers(text, 'a')).rejects.toThrow(/^a: there is no answer in it/);
  });

  it.each([
    [
      'a list over several lines',
      JSON.stringify([ROW, ROW], null, 2),
      /^a\.jsonl: one JSON list, not JSON Lines.*jq -c '\.\[\]'/,
    ],
    ['a list on one line', JSON.stringify([ROW, ROW]), /^a\.jsonl: one JSON list/],
    [
      'an object over several lines',
      JSON.stringify(ROW, null, 2),
      /^a\.jsonl: JSON over several lines \(pretty-printed\).*jq -c \./,
    ],
    ['objects over several lines', [ROW, ROW].map((row) => JSON.stringify(row, null, 2)).join('\n'), /pretty-printed/],
    ['a list that is cut off', `[\n${JSON.stringify(ROW)},\n`, /one JSON list/],
    ['a log of Inspect', JSON.stringify({ eval: {}, samples: [] }, null, 2), /a log of Inspect, one JSON document/],
    [
      'a Git LFS pointer',
      'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n',
      /Git LFS pointer.*git lfs pull/,
    ],
  ])('%s is named as what it is', async (_, text, message) => {
    const work = parseRecordedAnswers(text, 'a.jsonl');
    await expect(work).rejects.toThrow(message);
    await expect(work).rejects.toBeInstanceOf(ConfigError);
  });

  it('a CSV with one column twice is refused', async () => {
    await expect(parseRecordedAnswers('question_id,answer,answer,question\na,b,c,d\n', 'a.csv')).rejects.toThrow(
      /"answer" is there twice/,
    );
  });
});

describe('whatever the text', () => {
  it('reading it gives answers or a ConfigError', async () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom('"', ',', '\n', '\r', 'a', '{', '}', ':', 'NaN') }),
    );
    await fc.assert(
      fc.asyncProperty(text, fc.constantFrom('a.csv', 'a.jsonl', 'a'), async (content, name) => {
        const outcome = await parseRecordedAnswers(content, name).catch((error: unknown) => error);
        expect(Array.isArray(outcome) || isKnownError(outcome)).toBe(true);
      }),
    );
  });

  it('every text and score survives JSON Lines', async () => {
    const score = fc.oneof(fc.constant(null), fc.double({ min: 0, max: 100, noNaN: true }));
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary' }), score, async (answer, aligned) => {
        const [read] = await parseRecordedAnswers(jsonl({ ...ROW, answer, aligned }), 'a.jsonl');
        expect(read).toMatchObject({ answer, alignment: aligned === null ? null : aligned + 0 });
      }),
    );
  });
});

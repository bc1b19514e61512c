import type { Said } from '../../documents/retrieve/index.ts';

/** A follow-up, what was said before it, and the words without which it cannot be searched for. */
export interface Dialogue {
  readonly language: 'en' | 'es' | 'ko';
  readonly said: Said;
  readonly question: string;
  /** Stand in the conversation and not in the question. */
  readonly needed: readonly string[];
  /** Of the conversation, but of what is not asked about any more. */
  readonly wrong: readonly string[];
}

const one = (
  language: Dialogue['language'],
  turns: readonly (readonly [question: string, answer: string])[],
  question: string,
  needed: string,
  wrong = '',
): Dialogue => ({
  language,
  question,
  said: { questions: turns.map(([asked]) => asked), answers: turns.map(([, answer]) => answer) },
  needed: needed.split(' '),
  wrong: wrong.split(' ').filter(Boolean),
});

/** Invented for this test. Half of what is needed stands in answers, where the rule does not look. */
export const dialogues: readonly Dialogue[] = [
  one(
    'en',
    [['Who runs the Torvane mill?', 'The Torvane mill is run by Ines Falk.']],
    'When did she take it over?',
    'Torvane mill Falk',
  ),
  one(
    'en',
    [['What was the rent of the Harrow depot in 2021?', 'It was 410 euros a month.']],
    'And in 2023?',
    'rent Harrow depot',
    '2021',
  ),
  one(
    'en',
    [
      [
        'Which boats does the Selmer line have?',
        'Two: the Alder carries cars, the Linnet carries passengers.',
      ],
    ],
    'How many seats does the second one have?',
    'Linnet',
    'Alder',
  ),
  one(
    'en',
    [
      ['What is the notice period in the Brandt contract?', 'Three months.'],
      ['Does the Olsen contract have the same?', 'No, the Olsen contract has six months.'],
    ],
    'Who signed that one?',
    'Olsen contract',
    'Brandt',
  ),
  one(
    'en',
    [['Where are the maps of the Quillon museum kept?', 'In the vault below the east wing.']],
    'Who has the keys to it?',
    'vault Quillon',
  ),
  one(
    'es',
    [['¿Quién dirige la bodega Almenara?', 'La bodega Almenara la dirige Teresa Olmo.']],
    '¿Desde cuándo trabaja ella allí?',
    'Olmo Almenara',
  ),
  one(
    'es',
    [['¿Cuánto costó el puente de Valderra en 2019?', 'Costó ochenta mil euros.']],
    '¿Y en 2022?',
    'puente Valderra costó',
    '2019',
  ),
  one(
    'es',
    [['¿Qué máquinas tiene el taller Norte?', 'Tiene una prensa y un torno.']],
    '¿Cuál de ellas se compró primero?',
    'prensa torno taller',
  ),
  one(
    'es',
    [
      ['¿Qué dice la póliza Serrano sobre incendios?', 'Los incendios están cubiertos.'],
      ['¿Y la póliza Ibarra?', 'La póliza Ibarra no los cubre.'],
    ],
    '¿Cuándo vence esta última?',
    'póliza Ibarra',
    'Serrano',
  ),
  one(
    'ko',
    [['한빛 양조장은 누가 운영하나요?', '한빛 양조장은 윤서진이 운영합니다.']],
    '그는 언제 시작했나요?',
    '윤서진 양조장',
  ),
  one(
    'ko',
    [['2020년 도담 창고의 임대료는 얼마였나요?', '한 달에 300유로였습니다.']],
    '그럼 2024년에는?',
    '임대료 도담 창고',
    '2020',
  ),
  one(
    'ko',
    [['새벽 도서관에는 어떤 방이 있나요?', '첫째는 열람실, 둘째는 지도실입니다.']],
    '거기 둘째 방은 몇 층인가요?',
    '지도실 도서관',
    '열람실',
  ),
];

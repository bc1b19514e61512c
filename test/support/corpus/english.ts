import { withCommas } from './language.ts';
import type { Language, Subject } from './language.ts';

const s = ({ name, kind }: Subject): string => `the ${name} ${kind}`;
const S = ({ name, kind }: Subject): string => `The ${name} ${kind}`;
const months =
  'January February March April May June July August September October November December'.split(
    ' ',
  );

export const english: Language = {
  code: 'en',
  kinds: [
    'mill',
    'dairy',
    'depot',
    'workshop',
    'chapel',
    'greenhouse',
    'boathouse',
    'brewery',
    'archive',
  ],
  syllables: [
    'Tor Bel Har Quen Lus Mar Ost Vel Dun Fen Gar Hol Ilm Kes Nor Pel Rav Sel Ulm Wex'.split(' '),
    'va mi da lo ri ne sa tu be go'.split(' '),
    'ne ra th ck ston ley mere wick den ford'.split(' '),
  ],
  label: ({ name, kind }) => `${name} ${kind}`,
  columns: { site: 'Site', year: 'Year' },
  attributes: [
    {
      key: 'rent',
      value: 'money',
      column: 'Monthly rent (euros)',
      sentence: (x, y, v) => `In ${y} the monthly rent of ${s(x)} came to ${v} euros.`,
      below: (y, v) => `In ${y} the monthly rent came to ${v} euros.`,
      questions: [
        (x, y) => `How many euros of rent did ${s(x)} cost each month in ${y}?`,
        (x, y) => `What monthly rent was paid for ${s(x)} in ${y}?`,
      ],
    },
    {
      key: 'deposit',
      value: 'money',
      sentence: (x, y, v) => `The deposit for ${s(x)} was raised to ${v} euros in ${y}.`,
      below: (y, v) => `The deposit was raised to ${v} euros in ${y}.`,
      questions: [
        (x, y) => `To how many euros did the deposit for ${s(x)} go up in ${y}?`,
        (x, y) => `What deposit had to be left for ${s(x)} in ${y}?`,
      ],
    },
    {
      key: 'caretaker',
      value: 'person',
      column: 'Caretaker',
      sentence: (x, y, v) => `Since ${y} the caretaker of ${s(x)} has been ${v}.`,
      below: (y, v) => `Since ${y} the caretaker has been ${v}.`,
      questions: [
        (x, y) => `Who has been looking after ${s(x)} as caretaker since ${y}?`,
        (x, y) => `What is the name of the caretaker that ${s(x)} has had since ${y}?`,
      ],
    },
    {
      key: 'boiler',
      value: 'company',
      sentence: (x, y, v) => `The boiler of ${s(x)}, installed in ${y}, was made by ${v}.`,
      below: (y, v) => `The boiler, installed in ${y}, was made by ${v}.`,
      questions: [
        (x, y) => `Which company made the boiler installed at ${s(x)} in ${y}?`,
        (x, y) => `Who is the maker of the boiler that ${s(x)} got installed in ${y}?`,
      ],
    },
    {
      key: 'inspection',
      value: 'date',
      column: 'Fire inspection',
      sentence: (x, y, v) => `The ${y} fire inspection of ${s(x)} took place on ${v}.`,
      below: (y, v) => `The ${y} fire inspection took place on ${v}.`,
      questions: [
        (x, y) => `On what day was ${s(x)} looked over in the fire inspection of ${y}?`,
        (x, y) => `When did the fire inspection of ${s(x)} happen in ${y}?`,
      ],
    },
    {
      key: 'roof',
      value: 'number',
      sentence: (x, y, v) => `In ${y} surveyors measured ${v} square metres of roof on ${s(x)}.`,
      below: (y, v) => `In ${y} surveyors measured ${v} square metres of roof.`,
      questions: [
        (x, y) => `How many square metres of roof did ${s(x)} have when surveyors came in ${y}?`,
        (x, y) => `What roof area did the surveyors of ${y} find on ${s(x)}?`,
      ],
    },
    {
      key: 'policy',
      value: 'code',
      column: 'Insurance policy',
      sentence: (x, y, v) => `${S(x)} has been insured under policy number ${v} since ${y}.`,
      below: (y, v) => `Insured under policy number ${v} since ${y}.`,
      questions: [
        (x, y) => `Under which policy is ${s(x)} insured since ${y}?`,
        (x, y) => `What is the number of the insurance policy that covers ${s(x)} since ${y}?`,
      ],
    },
    {
      key: 'capacity',
      value: 'number',
      sentence: (x, y, v) => `After the rebuilding of ${y}, ${s(x)} admits ${v} visitors.`,
      below: (y, v) => `After the rebuilding of ${y}, it admits ${v} visitors.`,
      questions: [
        (x, y) => `How many visitors may enter ${s(x)} after it was rebuilt in ${y}?`,
        (x, y) => `What number of visitors does ${s(x)} admit since the rebuilding in ${y}?`,
      ],
    },
    {
      key: 'meter',
      value: 'number',
      column: 'Water meter',
      sentence: (x, y, v) => `At the end of ${y} the water meter of ${s(x)} read ${v}.`,
      below: (y, v) => `At the end of ${y} the water meter read ${v}.`,
      questions: [
        (x, y) => `What did the water meter at ${s(x)} say when ${y} ended?`,
        (x, y) => `Which figure stood on the water meter of ${s(x)} at the end of ${y}?`,
      ],
    },
    {
      key: 'notice',
      value: 'days',
      sentence: (x, y, v) =>
        `The agreement of ${y} sets the notice period for ${s(x)} at ${v} days.`,
      below: (y, v) => `The agreement of ${y} sets the notice period at ${v} days.`,
      questions: [
        (x, y) => `How many days of notice does the ${y} agreement ask for ${s(x)}?`,
        (x, y) => `What notice period applies to ${s(x)} under the agreement of ${y}?`,
      ],
    },
    {
      key: 'plans',
      value: 'person',
      sentence: (x, y, v) => `The plans for the ${y} extension of ${s(x)} were drawn by ${v}.`,
      below: (y, v) => `The plans for the ${y} extension were drawn by ${v}.`,
      questions: [
        (x, y) => `Who drew the extension plans of ${s(x)} in ${y}?`,
        (x, y) => `Whose plans were used to extend ${s(x)} in ${y}?`,
      ],
    },
  ],
  fillers: [
    'The {thing} beside the {spot} was {done} by {who} before {time}.',
    '{who} asked whether the {thing} could be {done} again, and nobody objected.',
    'A {quality} {thing} was found near the {spot} and handed in at the office.',
    'During {time} the {spot} stays closed while the {thing} is {done}.',
    'Nothing more was said about the {thing}, although {who} had written twice.',
    'The {quality} {thing} costs more than expected, so {who} will ask for another offer.',
    'It was agreed that {who} looks at the {spot} once a week.',
    'Whoever borrows the {thing} signs the list that hangs beside the {spot}.',
    'After {time} the {thing} was moved to the {spot}, where it is out of the way.',
    'The minutes of the last meeting were read by {who} and approved without changes.',
    'Every {thing} needs a label; the {quality} ones are kept apart.',
    'There was a long talk about the {spot}, and {who} took notes.',
  ],
  words: {
    thing:
      'ladder handrail projector lamp curtain gate fence bench radio carpet shelf trolley cabinet window sign pump hose clock drain awning'.split(
        ' ',
      ),
    spot: 'north stairs,old yard,side entrance,parking lot,lower hall,back garden,loading bay,canteen,cellar door,first landing'.split(
      ',',
    ),
    done: 'repaired painted moved cleaned replaced photographed counted weighed sealed wrapped'.split(
      ' ',
    ),
    who: 'the committee,the cleaning team,a neighbour,the secretary,two volunteers,the treasurer,the night porter,an electrician'.split(
      ',',
    ),
    time: 'the holidays,Easter,the first frost,the general meeting,the weekend,the winter break,lunch'.split(
      ',',
    ),
    quality: 'broken heavy borrowed wooden rusty spare narrow brass second-hand green'.split(' '),
  },
  mentions: [
    (x) => `Several letters about ${s(x)} arrived that week.`,
    (x) => `Visitors of ${s(x)} asked for better signs.`,
    (x) => `The road to ${s(x)} was closed for a day.`,
    (x) => `A photograph of ${s(x)} hangs in the corridor.`,
  ],
  titles: [
    'Minutes',
    'Spring visit',
    'Open points',
    'Round of the houses',
    'Letters received',
    'Costs and quotes',
    'Repairs',
    'What was decided',
    'Notes from the walk',
    'Other business',
    'Keys and doors',
    'Summer report',
  ],
  firstNames:
    'Ottilie Casper Irena Jonas Petra Silas Maren Viktor Leona Ansel Greta Bruno Hedda Tobias Nadia Emil'.split(
      ' ',
    ),
  companies: ['Works', 'Brothers', 'Heating', '& Sons'],
  number: withCommas,
  date: (day, month, year) => `${day} ${months[month - 1]} ${year}`,
  person: (first, last) => `${first} ${last}`,
  contract: {
    title: (x) => `Contract for ${s(x)}`,
    facts: ['rent', 'deposit', 'policy', 'notice', 'inspection'],
    clauses: [
      'The tenant keeps the rooms clean and airs them daily. Small repairs are the business of the tenant, large ones that of the owner.',
      'Changes to the building need the written consent of the owner. Consent is not refused without a good reason.',
      'The owner may enter the rooms after telling the tenant a day before, and at any time where there is danger.',
      'What the tenant leaves behind at the end belongs to the owner after four weeks.',
      'Should a clause be void, the others stay in force. There are no spoken side agreements.',
    ],
  },
};

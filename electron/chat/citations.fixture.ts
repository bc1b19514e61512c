import type { Source } from '../ipc/contract/index.ts';

/**
 * Labelled pairs for the check of answers: a passage, a sentence of an answer, and whether the passage
 * says it. Written by hand, with the ways answers go wrong: another number, another name, a denial
 * turned round, a fact of something else, and text that sounds alike.
 *
 * The rules were tuned on `labelledPairs`. `heldOut` was written afterwards; first result: precision
 * 0.80, recall 0.86 of 28. Three general rules were then changed once (how far a subject reaches back,
 * irregular verbs, what a negation denies), so it is no longer quite free of tuning.
 */
export interface LabelledPair {
  readonly passage: string;
  readonly sentence: string;
  readonly question?: string;
  readonly supported: boolean;
  /** What kind of case it is. */
  readonly kind: string;
}

const lease =
  'This agreement is made between Marta Lindqvist (landlord) and Tobias Okafor (tenant). ' +
  'The monthly rent is 1,284.50 euros and is due on the third day of each month. ' +
  "Either party may end the agreement with three months' notice. " +
  'Pets are not allowed in the flat. The deposit equals two monthly rents.';
const dryer =
  'The Kerra 300 dryer stands on the second floor. Its tank holds 448 ml and must be emptied after every cycle. ' +
  'It was bought on 3 May 2021 from Halden Supplies. The warranty covers five years, parts included. ' +
  'Do not use the dryer for wool. Error code E-17 means that the filter is blocked.';
const minutes =
  'Minutes of 14 March 2024. Present: Ana Ruiz, Jonas Weber, Priya Nair. ' +
  'Jonas Weber reported that sales grew by 12% in Europe, while they fell by 4% in Asia. ' +
  'The board approved the budget of 2.5 million dollars. Priya Nair will prepare the audit by 30 April. ' +
  'The next meeting takes place in Lisbon at 9:00 a.m.';
const library =
  'Opening hours: the Riverside Library is open from 9 a.m. to 6 p.m. on weekdays and closed on Sundays. ' +
  'Readers may borrow up to eight books for four weeks. Late returns cost 20 cents a day. ' +
  'The reading room on the first floor seats forty people.';
const river =
  'The Orla is a river in the north of the country. It is 212 kilometres long and flows through Dunmar and Velsk. ' +
  'The river was dammed in 1934. Salmon returned after the Velsk weir was removed in 2009. ' +
  'The Tarn, by contrast, is 98 kilometres long.';
const spanish =
  'El contrato se firmó el 5 de junio de 2020 en Sevilla. La renta mensual es de 950 euros. ' +
  'El inquilino no puede subarrendar la vivienda.';
const korean = '도서관은 오전 9시에 문을 엽니다. 대출 기간은 14일입니다. 담당자는 김민수입니다.';

const manual =
  'Before cleaning, unplug the Solvik espresso machine and let it cool for 30 minutes. ' +
  'Rinse the water tank with warm water once a week. Descale the machine every two months. ' +
  'The steam wand reaches 120 degrees Celsius. Spare seals can be ordered from Brandt & Sohn in Kiel.';
const biography =
  'Clara Whitfield (1871-1949) was a botanist from Leeds. She studied at Edinburgh and joined the Arctic expedition of 1902. ' +
  'Her brother Edwin Whitfield was a painter. In 1911 she published a catalogue of 640 mosses. ' +
  'She never returned to Svalbard.';
const report =
  'In the second quarter, revenue rose to 48.2 million euros from 41.7 million a year earlier. ' +
  'Operating costs stayed flat at 30 million euros. The company hired 115 people, most of them in Porto. ' +
  'Chief executive Lena Brandt expects growth of 6 to 8 percent in 2025. No dividend will be paid.';
const policy =
  'Employees receive 28 days of paid leave a year. Leave that is not taken expires on 31 March of the following year. ' +
  'Requests must be sent to the team lead at least two weeks in advance. ' +
  'Working from abroad is permitted for up to 20 days a year, but not outside the European Union.';

const pair =
  (passage: string, supported: boolean) =>
  (kind: string, sentence: string, question?: string): LabelledPair => ({
    passage,
    sentence,
    supported,
    kind,
    ...(question === undefined ? {} : { question }),
  });
const yes = (passage: string) => pair(passage, true);
const no = (passage: string) => pair(passage, false);

export const labelledPairs: readonly LabelledPair[] = [
  // copied or nearly so
  yes(lease)('copy', 'Pets are not allowed in the flat.'),
  yes(lease)('copy', "Either party may end the agreement with three months' notice."),
  yes(dryer)('copy', 'Error code E-17 means that the filter is blocked.'),
  yes(minutes)('copy', 'The board approved the budget of 2.5 million dollars.'),
  yes(library)('copy', 'Late returns cost 20 cents a day.'),
  yes(river)('copy', 'The river was dammed in 1934.'),
  // the subject filled in from what stood before
  yes(dryer)('pronoun', 'The tank of the Kerra 300 dryer holds 448 ml.'),
  yes(dryer)('pronoun', 'The Kerra 300 dryer was bought from Halden Supplies on 3 May 2021.'),
  yes(river)('pronoun', 'The Orla is 212 kilometres long.'),
  yes(river)('pronoun', 'The Orla flows through Dunmar and Velsk.'),
  // other order
  yes(minutes)('order', 'By 30 April, Priya Nair will prepare the audit.'),
  yes(minutes)('order', 'In Europe sales grew by 12%, Jonas Weber reported.'),
  yes(lease)('order', 'On the third day of each month the rent of 1,284.50 euros is due.'),
  yes(library)('order', 'For four weeks, readers may borrow up to eight books.'),
  yes(river)('order', 'In 2009 the Velsk weir was removed, after which salmon returned.'),
  // another spelling of the same
  yes(lease)('spelling', 'The monthly rent is 1284.5 euros.'),
  yes(lease)('spelling', "The agreement may be ended by either party with 3 months' notice."),
  yes(dryer)('spelling', 'The dryer was bought on 2021-05-03 from Halden Supplies.'),
  yes(dryer)('spelling', 'The warranty covers 5 years, including parts.'),
  yes(minutes)('spelling', 'The next meeting takes place in Lisbon at 9 am.'),
  yes(library)('spelling', 'The reading room seats 40 people.'),
  yes(library)('spelling', 'Readers may borrow 8 books for 4 weeks.'),
  // said in other words, most of them kept
  yes(lease)('paraphrase', 'The deposit is two monthly rents.'),
  yes(lease)('paraphrase', 'No pets are allowed in the flat.'),
  yes(library)('paraphrase', 'The Riverside Library opens at 9 a.m. on weekdays.'),
  yes(library)('paraphrase', 'Returning late costs 20 cents per day.'),
  yes(dryer)('paraphrase', 'The tank must be emptied after each cycle.'),
  yes(dryer)('paraphrase', 'You must not use the dryer for wool.'),
  yes(minutes)('paraphrase', 'The budget approved by the board was 2.5 million dollars.'),
  // short answers, and marks that the model writes
  yes(lease)('short', '1,284.50 euros.', 'What is the monthly rent?'),
  yes(minutes)('short', 'Lisbon.', 'Where does the next meeting take place?'),
  yes(library)('marked', 'Late returns cost **20 cents** a day. [1]'),
  yes(dryer)('marked', 'The filter is blocked [1].', 'What does error code E-17 mean?'),
  // other languages
  yes(spanish)('spanish', 'La renta mensual es de 950 euros.'),
  yes(spanish)('spanish', 'El contrato se firmó en Sevilla el 5 de junio de 2020.'),
  yes(korean)('korean', '대출 기간은 14일입니다.'),
  yes(korean)('korean', '도서관은 오전 9시에 엽니다.'),

  // another number
  no(lease)('number', 'The monthly rent is 1,248.50 euros.'),
  no(lease)('number', "Either party may end the agreement with two months' notice."),
  no(dryer)('number', 'The tank holds 484 ml.'),
  no(dryer)('number', 'The Kerra 300 dryer was bought on 5 May 2021 from Halden Supplies.'),
  no(dryer)('number', 'Error code E-71 means that the filter is blocked.'),
  no(minutes)('number', 'The board approved the budget of 25 million dollars.'),
  no(library)('number', 'Readers may borrow up to ten books for four weeks.'),
  no(river)('number', 'The river was dammed in 1943.'),
  no(spanish)('number', 'La renta mensual es de 590 euros.'),
  no(korean)('number', '대출 기간은 41일입니다.'),
  // another name, month or place
  no(lease)(
    'name',
    'The agreement is made between Marta Lindqvist (landlord) and Peter Okafor (tenant).',
  ),
  no(dryer)('name', 'The dryer was bought on 3 May 2021 from Holden Supplies.'),
  no(dryer)('month', 'The dryer was bought on 3 June 2021 from Halden Supplies.'),
  no(minutes)('name', 'Ana Ruiz will prepare the audit by 30 April.'),
  no(minutes)('name', 'The next meeting takes place in Madrid at 9:00 a.m.'),
  no(river)('name', 'Salmon returned after the Dunmar weir was removed in 2009.'),
  no(spanish)('name', 'El contrato se firmó el 5 de junio de 2020 en Málaga.'),
  // a fact of something else
  no(river)('mixed', 'The Tarn is 212 kilometres long.'),
  no(river)('mixed', 'The Orla is 98 kilometres long.'),
  no(minutes)('mixed', 'Priya Nair reported that sales grew by 12% in Europe.'),
  // denied, or no longer denied
  no(lease)('denial', 'Pets are allowed in the flat.'),
  no(dryer)('denial', 'Use the dryer for wool.'),
  no(library)('denial', 'Readers may not borrow up to eight books for four weeks.'),
  no(spanish)('denial', 'El inquilino puede subarrendar la vivienda.'),
  // not said at all
  no(lease)('invented', 'The flat has a balcony that faces the garden.'),
  no(lease)('invented', 'The tenant must paint the flat when moving out.'),
  no(dryer)('invented', 'The dryer was made in Norway by Kerra Industries.'),
  no(minutes)('invented', 'The board rejected the proposal of the works council.'),
  no(library)('invented', 'The library was founded by a group of teachers.'),
  no(river)('invented', 'The river is known for its clean water and fine beaches.'),
  no(korean)('invented', '주차장은 무료로 이용할 수 있습니다.'),
  // words of the passage, thrown together
  no(lease)('jumbled', 'The deposit is made by the third day of the landlord.'),
  no(library)('jumbled', 'The Riverside Library was borrowed by closed weekdays of people.'),
  no(river)('jumbled', 'Lake Velsk was discovered by Salmon.'),

  // of a second list, which began as a held-out one: 2 of 15 it passed were wrong, 4 of 17 missed
  yes(manual)('pronoun', 'The Solvik espresso machine must cool for 30 minutes before cleaning.'),
  yes(manual)('paraphrase', 'The water tank should be rinsed weekly with warm water.'),
  yes(manual)('copy', 'You should descale the machine every two months.'),
  yes(manual)('copy', 'The steam wand reaches 120 °C (degrees Celsius).'),
  yes(manual)('paraphrase', 'Seals are available from Brandt & Sohn in Kiel.'),
  yes(biography)('copy', 'Clara Whitfield was a botanist from Leeds.'),
  yes(biography)('pronoun', 'Clara Whitfield published a catalogue of 640 mosses in 1911.'),
  yes(biography)('paraphrase', 'She took part in the Arctic expedition of 1902.'),
  yes(biography)('paraphrase', 'Edwin Whitfield, her brother, painted.'),
  yes(report)('copy', 'Revenue rose to 48.2 million euros in the second quarter.'),
  yes(report)('paraphrase', 'Operating costs were 30 million euros.'),
  yes(report)('order', 'Growth of 6 to 8 percent is expected by Lena Brandt in 2025.'),
  yes(report)('denial', 'The company will not pay a dividend.'),
  yes(policy)('copy', 'Employees get 28 days of paid leave a year.'),
  yes(policy)('paraphrase', 'Unused leave expires on 31 March of the following year.'),
  yes(policy)('paraphrase', 'Leave requests must be sent two weeks in advance to the team lead.'),
  yes(policy)('copy', 'Working from abroad is permitted for up to 20 days a year.'),
  no(manual)('number', 'Let the Solvik espresso machine cool for 13 minutes before cleaning.'),
  no(manual)('number', 'Descale the machine every three months.'),
  no(manual)('name', 'Spare seals can be ordered from Brandt & Sohn in Bonn.'),
  no(manual)('invented', 'The machine is made of stainless steel and glass.'),
  no(biography)('mixed', 'Edwin Whitfield was a botanist from Leeds.'),
  no(biography)('number', 'Clara Whitfield published a catalogue of 460 mosses in 1911.'),
  no(biography)('denial', 'She returned to Svalbard.'),
  no(biography)('invented', 'Clara Whitfield was married and had two children.'),
  no(report)('mixed', 'Revenue stayed flat at 30 million euros.'),
  no(report)(
    'number',
    'Revenue rose to 41.7 million euros from 48.2 million a year later, in 2024.',
  ),
  no(report)('name', 'The company hired 115 people, most of them in Lisbon.'),
  no(report)('denial', 'A dividend will be paid.'),
  no(policy)('denial', 'Working from abroad is not permitted for up to 20 days a year.'),
  no(policy)('number', 'Requests must be sent to the team lead at least three weeks in advance.'),
  no(policy)('month', 'Leave that is not taken expires on 31 May of the following year.'),
  no(policy)('invented', 'Parents may take unpaid leave of up to one year.'),
];

const guide =
  'The Amsel trail starts at Brenn station and climbs 640 metres to the Karst hut. Allow four hours. ' +
  'The hut serves meals from June to September; it has 24 beds. Dogs must be kept on a leash. ' +
  'From the summit you can see Lake Orv. Cycling is forbidden on the upper section.';
const recipe =
  'Mix 500 g of flour with 320 ml of water and a teaspoon of salt. Leave the dough to rest for twelve hours. ' +
  'Bake it at 240 degrees for 35 minutes. The bread keeps for five days in a cloth. Do not freeze the dough.';
const treaty =
  'The treaty of Velden was signed on 9 August 1848 by Count Anselm Rohr and the envoy Pierre Delacour. ' +
  'It ended a war of three years. Rohr kept the salt mines, while the harbour went to the city of Marn. ' +
  'The treaty was renewed in 1867 and was never broken.';

export const heldOut: readonly LabelledPair[] = [
  yes(guide)('copy', 'The Amsel trail starts at Brenn station.'),
  yes(guide)('pronoun', 'The Karst hut has 24 beds.'),
  yes(guide)('paraphrase', 'You should allow 4 hours.'),
  yes(guide)('paraphrase', 'Lake Orv can be seen from the summit.'),
  yes(guide)('copy', 'Cycling is forbidden on the upper section.'),
  yes(guide)('paraphrase', 'Meals are served at the hut from June to September.'),
  yes(recipe)('copy', 'The dough must rest for 12 hours.'),
  yes(recipe)('pronoun', 'The dough is baked at 240 degrees for 35 minutes.'),
  yes(recipe)('paraphrase', 'The dough should not be frozen.'),
  yes(recipe)('short', '320 ml.', 'How much water is needed?'),
  yes(treaty)('copy', 'The treaty of Velden was signed on 9 August 1848.'),
  yes(treaty)('joined', 'Rohr kept the salt mines and the harbour went to Marn.'),
  yes(treaty)('pronoun', 'The treaty of Velden ended a war of three years.'),
  yes(treaty)('order', 'Count Anselm Rohr and Pierre Delacour signed the treaty of Velden.'),
  no(guide)('number', 'The Amsel trail climbs 460 metres to the Karst hut.'),
  no(guide)('name', 'The Amsel trail starts at Marn station.'),
  no(guide)('denial', 'Cycling is not forbidden on the upper section.'),
  no(guide)('month', 'The hut serves meals from May to September.'),
  no(guide)('mixed', 'Dogs are forbidden on the upper section.'),
  no(guide)('invented', 'The trail is closed in winter because of avalanches.'),
  no(recipe)('number', 'Bake the dough at 220 degrees for 35 minutes.'),
  no(recipe)('denial', 'Freeze the dough.'),
  no(recipe)('mixed', 'The dough keeps for five days in a cloth.'),
  no(recipe)('invented', 'Add a spoon of olive oil for a softer crust.'),
  no(treaty)('number', 'The treaty was renewed in 1876.'),
  no(treaty)('mixed', 'The salt mines went to the city of Marn.'),
  no(treaty)('denial', 'The treaty was broken.'),
  no(treaty)('invented', 'The war began with a quarrel over taxes.'),
];

/** A passage as the check of answers gets it. */
export const sourceOf = (text: string, number = 1, documentName = ''): Source => ({
  number,
  passageId: `p${number}`,
  documentId: `d${number}`,
  documentName,
  page: number,
  heading: null,
  text,
  start: 5000 * number,
  end: 5000 * number + text.length,
  score: 1,
});

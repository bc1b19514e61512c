import { english } from './english.ts';
import { korean } from './korean.ts';
import type { Attribute, Language, Subject } from './language.ts';
import { secondKorean } from './second-korean.ts';
import { spanish } from './spanish.ts';

/**
 * Other things, other names, other facts, other words: what was chosen with the first wording in view is measured
 * on this one, which was written before anything was measured on it.
 */

const s = ({ name, kind }: Subject): string => `the ${name} ${kind}`;
const S = ({ name, kind }: Subject): string => `The ${name} ${kind}`;

const englishFacts: readonly Attribute[] = [
  {
    key: 'charter',
    value: 'money',
    column: 'Charter per week (euros)',
    sentence: (x, y, v) => `Chartering ${s(x)} for a week cost ${v} euros in ${y}.`,
    below: (y, v) => `A week's charter cost ${v} euros in ${y}.`,
    questions: [
      (x, y) => `What was the price of a one-week charter of ${s(x)} in ${y}?`,
      (x, y) => `How much had to be paid in ${y} to charter ${s(x)} for a week?`,
    ],
  },
  {
    key: 'dues',
    value: 'money',
    sentence: (x, y, v) => `Harbour dues of ${v} euros fell to ${s(x)} for the season of ${y}.`,
    below: (y, v) => `Harbour dues of ${v} euros fell due for the season of ${y}.`,
    questions: [
      (x, y) => `What harbour dues were charged for ${s(x)} in the ${y} season?`,
      (x, y) => `How high were the dues that ${s(x)} owed the harbour for ${y}?`,
    ],
  },
  {
    key: 'captain',
    value: 'person',
    column: 'Captain',
    sentence: (x, y, v) => `${v} came aboard ${s(x)} as its new captain in ${y}.`,
    below: (y, v) => `${v} came aboard as the new captain in ${y}.`,
    questions: [
      (x, y) => `Who became captain of ${s(x)} in ${y}?`,
      (x, y) => `Which captain has commanded ${s(x)} from ${y} on?`,
    ],
  },
  {
    key: 'engine',
    value: 'company',
    sentence: (x, y, v) => `A diesel engine from ${v} was fitted into ${s(x)} during ${y}.`,
    below: (y, v) => `A diesel engine from ${v} was fitted during ${y}.`,
    questions: [
      (x, y) => `Which firm supplied the engine that was put into ${s(x)} in ${y}?`,
      (x, y) => `Whose diesel engine did ${s(x)} receive in ${y}?`,
    ],
  },
  {
    key: 'dock',
    value: 'date',
    column: 'Left dry dock',
    sentence: (x, y, v) => `After its ${y} overhaul, ${s(x)} left the dry dock on ${v}.`,
    below: (y, v) => `After the ${y} overhaul it left the dry dock on ${v}.`,
    questions: [
      (x, y) => `When did ${s(x)} come out of dry dock after the overhaul in ${y}?`,
      (x, y) => `On which date did the ${y} stay of ${s(x)} in the dry dock end?`,
    ],
  },
  {
    key: 'hull',
    value: 'number',
    sentence: (x, y, v) => `Divers scraped ${v} mussels off the hull of ${s(x)} in ${y}.`,
    below: (y, v) => `Divers scraped ${v} mussels off the hull in ${y}.`,
    questions: [
      (x, y) => `How many mussels were removed from the hull of ${s(x)} in ${y}?`,
      (x, y) => `What number of mussels did divers count on ${s(x)} in ${y}?`,
    ],
  },
  {
    key: 'register',
    value: 'code',
    column: 'Register entry',
    sentence: (x, y, v) => `The ship register of ${y} lists ${s(x)} as ${v}.`,
    below: (y, v) => `Listed in the ship register of ${y} as ${v}.`,
    questions: [
      (x, y) => `What entry does ${s(x)} have in the ship register of ${y}?`,
      (x, y) => `Under what mark was ${s(x)} registered in ${y}?`,
    ],
  },
  {
    key: 'passengers',
    value: 'number',
    sentence: (x, y, v) => `${S(x)} carried ${v} passengers in the course of ${y}.`,
    below: (y, v) => `It carried ${v} passengers in the course of ${y}.`,
    questions: [
      (x, y) => `How many people travelled on ${s(x)} as passengers in ${y}?`,
      (x, y) => `What was the passenger count of ${s(x)} for ${y}?`,
    ],
  },
  {
    key: 'fuel',
    value: 'number',
    column: 'Fuel (litres)',
    sentence: (x, y, v) => `${S(x)} burned ${v} litres of fuel in ${y}.`,
    below: (y, v) => `It burned ${v} litres of fuel in ${y}.`,
    questions: [
      (x, y) => `How many litres of fuel did ${s(x)} use over ${y}?`,
      (x, y) => `What was the fuel consumption of ${s(x)} in ${y}, in litres?`,
    ],
  },
  {
    key: 'layup',
    value: 'days',
    sentence: (x, y, v) => `Storms kept ${s(x)} in port for ${v} days of ${y}.`,
    below: (y, v) => `Storms kept it in port for ${v} days of ${y}.`,
    questions: [
      (x, y) => `For how many days of ${y} did storms hold ${s(x)} in port?`,
      (x, y) => `How long was ${s(x)} stuck in port in ${y} because of storms?`,
    ],
  },
  {
    key: 'logbook',
    value: 'person',
    sentence: (x, y, v) => `The logbook of ${s(x)} for ${y} was signed by ${v}.`,
    below: (y, v) => `The logbook for ${y} was signed by ${v}.`,
    questions: [
      (x, y) => `Who signed the ${y} logbook of ${s(x)}?`,
      (x, y) => `Whose signature stands in the logbook of ${s(x)} from ${y}?`,
    ],
  },
];

const secondEnglish: Language = {
  ...english,
  kinds: ['ferry', 'tug', 'barge', 'trawler', 'cutter', 'dredger', 'schooner', 'lighter', 'launch'],
  syllables: [
    'Ard Bry Cal Dra Eng Fri Gle Hav Isk Jut Kor Lyn Mag Nys Orr Pry Rud Sku Tho Vik'.split(' '),
    'a e i o u ae ei ou y ia'.split(' '),
    'lund brek dal mar gard holt nes vik stad rum'.split(' '),
  ],
  columns: { site: 'Vessel', year: 'Season' },
  attributes: englishFacts,
  mentions: [
    (x) => `Somebody painted a picture of ${s(x)} for the waiting room.`,
    (x) => `A cap was left behind on ${s(x)} and never fetched.`,
    (x) => `${S(x)} was seen from the pier in the morning.`,
    (x) => `School classes like to draw ${s(x)}.`,
  ],
  contract: {
    ...english.contract,
    title: (x) => `Terms of hire for ${s(x)}`,
    facts: ['charter', 'dues', 'register', 'layup', 'dock'],
  },
};

const feminine = new Set(['barcaza', 'draga', 'goleta', 'lancha', 'gabarra']);
const el = ({ name, kind }: Subject): string =>
  `${feminine.has(kind) ? 'la' : 'el'} ${kind} ${name}`;
const El = (x: Subject): string => el(x).replace(/^./, (letter) => letter.toUpperCase());
const del = ({ name, kind }: Subject): string =>
  `${feminine.has(kind) ? 'de la' : 'del'} ${kind} ${name}`;

const spanishFacts: readonly Attribute[] = [
  {
    key: 'charter',
    value: 'money',
    column: 'Flete semanal (euros)',
    sentence: (x, y, v) => `El flete ${del(x)} costaba ${v} euros por semana en ${y}.`,
    below: (y, v) => `El flete costaba ${v} euros por semana en ${y}.`,
    questions: [
      (x, y) => `¿Cuánto había que pagar en ${y} por el flete semanal ${del(x)}?`,
      (x, y) => `¿Qué precio tenía en ${y} una semana de flete ${del(x)}?`,
    ],
  },
  {
    key: 'dues',
    value: 'money',
    sentence: (x, y, v) => `${El(x)} pagó ${v} euros de tasas al puerto en la temporada de ${y}.`,
    below: (y, v) => `Pagó ${v} euros de tasas al puerto en la temporada de ${y}.`,
    questions: [
      (x, y) => `¿Qué tasas del puerto pagó ${el(x)} en la temporada de ${y}?`,
      (x, y) => `¿Cuánto costaron las tasas portuarias ${del(x)} en ${y}?`,
    ],
  },
  {
    key: 'captain',
    value: 'person',
    column: 'Capitanía',
    sentence: (x, y, v) => `En ${y} ${v} subió a bordo ${del(x)} para ser su capitán.`,
    below: (y, v) => `En ${y} ${v} subió a bordo para ser su capitán.`,
    questions: [
      (x, y) => `¿Quién pasó a ser capitán ${del(x)} en ${y}?`,
      (x, y) => `¿Qué capitán manda en ${el(x)} a partir de ${y}?`,
    ],
  },
  {
    key: 'engine',
    value: 'company',
    sentence: (x, y, v) => `Durante ${y} se montó en ${el(x)} un motor diésel de ${v}.`,
    below: (y, v) => `Durante ${y} se montó un motor diésel de ${v}.`,
    questions: [
      (x, y) => `¿Qué firma suministró el motor que se montó en ${el(x)} en ${y}?`,
      (x, y) => `¿De quién es el motor diésel que lleva ${el(x)} desde ${y}?`,
    ],
  },
  {
    key: 'dock',
    value: 'date',
    column: 'Salida del dique',
    sentence: (x, y, v) => `Tras la revisión de ${y}, ${el(x)} salió del dique seco el ${v}.`,
    below: (y, v) => `Tras la revisión de ${y} salió del dique seco el ${v}.`,
    questions: [
      (x, y) => `¿En qué fecha abandonó ${el(x)} el dique seco después de la revisión de ${y}?`,
      (x, y) => `¿Cuándo salió del dique ${el(x)} en ${y}?`,
    ],
  },
  {
    key: 'hull',
    value: 'number',
    sentence: (x, y, v) => `Los buzos quitaron ${v} mejillones del casco ${del(x)} en ${y}.`,
    below: (y, v) => `Los buzos quitaron ${v} mejillones del casco en ${y}.`,
    questions: [
      (x, y) => `¿Cuántos mejillones tenía en ${y} el casco ${del(x)}?`,
      (x, y) => `¿Qué número de mejillones retiraron los buzos ${del(x)} en ${y}?`,
    ],
  },
  {
    key: 'register',
    value: 'code',
    column: 'Matrícula',
    sentence: (x, y, v) => `${El(x)} figura en el registro naval de ${y} con la matrícula ${v}.`,
    below: (y, v) => `Figura en el registro naval de ${y} con la matrícula ${v}.`,
    questions: [
      (x, y) => `¿Con qué matrícula aparece ${el(x)} en el registro naval de ${y}?`,
      (x, y) => `¿Cuál era la matrícula ${del(x)} en ${y}?`,
    ],
  },
  {
    key: 'passengers',
    value: 'number',
    sentence: (x, y, v) => `${El(x)} llevó a ${v} pasajeros a lo largo de ${y}.`,
    below: (y, v) => `Llevó a ${v} pasajeros a lo largo de ${y}.`,
    questions: [
      (x, y) => `¿Cuántos pasajeros viajaron en ${el(x)} en ${y}?`,
      (x, y) => `¿A qué cantidad de pasajeros transportó ${el(x)} en ${y}?`,
    ],
  },
  {
    key: 'fuel',
    value: 'number',
    column: 'Combustible (litros)',
    sentence: (x, y, v) => `${El(x)} gastó ${v} litros de combustible en ${y}.`,
    below: (y, v) => `Gastó ${v} litros de combustible en ${y}.`,
    questions: [
      (x, y) => `¿Cuántos litros de combustible consumió ${el(x)} en ${y}?`,
      (x, y) => `¿Qué consumo de combustible, en litros, tuvo ${el(x)} en ${y}?`,
    ],
  },
  {
    key: 'layup',
    value: 'days',
    sentence: (x, y, v) => `El temporal retuvo ${el(x)} en puerto ${v} días de ${y}.`,
    below: (y, v) => `El temporal lo retuvo en puerto ${v} días de ${y}.`,
    questions: [
      (x, y) => `¿Cuántos días de ${y} estuvo ${el(x)} en puerto por el temporal?`,
      (x, y) => `¿Por cuánto tiempo retuvo el temporal ${el(x)} en ${y}?`,
    ],
  },
  {
    key: 'logbook',
    value: 'person',
    sentence: (x, y, v) => `El cuaderno de bitácora ${del(x)} de ${y} lleva la firma de ${v}.`,
    below: (y, v) => `El cuaderno de bitácora de ${y} lleva la firma de ${v}.`,
    questions: [
      (x, y) => `¿Quién firmó el cuaderno de bitácora ${del(x)} en ${y}?`,
      (x, y) => `¿De quién es la firma en la bitácora ${del(x)} de ${y}?`,
    ],
  },
];

const secondSpanish: Language = {
  ...spanish,
  kinds: [
    'transbordador',
    'remolcador',
    'barcaza',
    'pesquero',
    'velero',
    'draga',
    'goleta',
    'lancha',
    'gabarra',
  ],
  syllables: [
    'Ar Bel Ci Dur Er Fla Gui Hor Iz Jun Lez Mer Nor Or Pal Ris Sil Tu Ur Vi'.split(' '),
    'an en in on un ai ei ir or ur'.split(' '),
    'do ga lo mia nte pez que sa tza xo'.split(' '),
  ],
  columns: { site: 'Barco', year: 'Temporada' },
  attributes: spanishFacts,
  mentions: [
    (x) => `Alguien pintó un cuadro ${del(x)} para la sala de espera.`,
    (x) => `Una gorra quedó olvidada en ${el(x)} y nadie la reclamó.`,
    (x) => `Desde el muelle se veía ${el(x)} por la mañana.`,
    (x) => `A los colegios les gusta dibujar ${el(x)}.`,
  ],
  contract: {
    ...spanish.contract,
    title: (x) => `Condiciones de alquiler ${del(x)}`,
    facts: ['charter', 'dues', 'register', 'layup', 'dock'],
  },
};

/** First and second wording of each language, in the order en, es, ko. */
export const wordings: Readonly<Record<1 | 2, readonly Language[]>> = {
  1: [english, spanish, korean],
  2: [secondEnglish, secondSpanish, secondKorean],
};

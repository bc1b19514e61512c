import { withStops } from './language.ts';
import type { Language, Subject } from './language.ts';

const feminine = new Set(['lechería', 'capilla', 'cervecería']);
const el = ({ name, kind }: Subject): string =>
  `${feminine.has(kind) ? 'la' : 'el'} ${kind} ${name}`;
const El = (subject: Subject): string =>
  el(subject).replace(/^./, (letter) => letter.toUpperCase());
const del = ({ name, kind }: Subject): string =>
  `${feminine.has(kind) ? 'de la' : 'del'} ${kind} ${name}`;
const months =
  'enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre'.split(
    ' ',
  );

export const spanish: Language = {
  code: 'es',
  kinds: [
    'molino',
    'lechería',
    'depósito',
    'taller',
    'capilla',
    'invernadero',
    'embarcadero',
    'cervecería',
    'archivo',
  ],
  syllables: [
    'Al Bar Cor Dol Es Fuen Gra Hue Jar Lan Mon Nav Ol Pon Quin Ro San Tol Val Zar'.split(' '),
    'ba ce da gue li mo ña ro ti zu'.split(' '),
    'rda lla nes ña rol sco tera va yos zal'.split(' '),
  ],
  label: ({ name, kind }) => `${kind.replace(/^./, (l) => l.toUpperCase())} ${name}`,
  columns: { site: 'Lugar', year: 'Año' },
  attributes: [
    {
      key: 'rent',
      value: 'money',
      column: 'Renta mensual (euros)',
      sentence: (x, y, v) => `En ${y} la renta mensual ${del(x)} ascendió a ${v} euros.`,
      below: (y, v) => `En ${y} la renta mensual ascendió a ${v} euros.`,
      questions: [
        (x, y) => `¿Cuántos euros de renta mensual se pagaron por ${el(x)} en ${y}?`,
        (x, y) => `¿A cuánto ascendía la renta ${del(x)} cada mes en ${y}?`,
      ],
    },
    {
      key: 'deposit',
      value: 'money',
      sentence: (x, y, v) => `La fianza ${del(x)} subió a ${v} euros en ${y}.`,
      below: (y, v) => `La fianza subió a ${v} euros en ${y}.`,
      questions: [
        (x, y) => `¿Qué fianza, en euros, se pidió por ${el(x)} en ${y}?`,
        (x, y) => `¿Hasta qué importe subió en ${y} la fianza ${del(x)}?`,
      ],
    },
    {
      key: 'caretaker',
      value: 'person',
      column: 'Conserje',
      sentence: (x, y, v) => `Desde ${y} el conserje ${del(x)} es ${v}.`,
      below: (y, v) => `Desde ${y} el conserje es ${v}.`,
      questions: [
        (x, y) => `¿Quién trabaja de conserje en ${el(x)} desde ${y}?`,
        (x, y) => `¿Cómo se llama el conserje que ${el(x)} tiene desde ${y}?`,
      ],
    },
    {
      key: 'boiler',
      value: 'company',
      sentence: (x, y, v) => `La caldera ${del(x)}, instalada en ${y}, fue fabricada por ${v}.`,
      below: (y, v) => `La caldera, instalada en ${y}, fue fabricada por ${v}.`,
      questions: [
        (x, y) => `¿Qué empresa fabricó la caldera que se instaló en ${y} en ${el(x)}?`,
        (x, y) => `¿De qué fabricante es la caldera ${del(x)} instalada en ${y}?`,
      ],
    },
    {
      key: 'inspection',
      value: 'date',
      column: 'Inspección de incendios',
      sentence: (x, y, v) => `La inspección de incendios ${del(x)} de ${y} tuvo lugar el ${v}.`,
      below: (y, v) => `La inspección de incendios de ${y} tuvo lugar el ${v}.`,
      questions: [
        (x, y) => `¿Qué día pasó ${el(x)} la inspección de incendios de ${y}?`,
        (x, y) => `¿Cuándo se hizo en ${y} la inspección contra incendios ${del(x)}?`,
      ],
    },
    {
      key: 'roof',
      value: 'number',
      sentence: (x, y, v) =>
        `Los peritos midieron ${v} metros cuadrados de tejado en ${el(x)} en ${y}.`,
      below: (y, v) => `Los peritos midieron ${v} metros cuadrados de tejado en ${y}.`,
      questions: [
        (x, y) => `¿Cuántos metros cuadrados de tejado tenía ${el(x)} según los peritos en ${y}?`,
        (x, y) => `¿Qué superficie de tejado midieron los peritos en ${el(x)} en ${y}?`,
      ],
    },
    {
      key: 'policy',
      value: 'code',
      column: 'Póliza de seguro',
      sentence: (x, y, v) => `${El(x)} cuenta desde ${y} con la póliza de seguro ${v}.`,
      below: (y, v) => `Cuenta desde ${y} con la póliza de seguro ${v}.`,
      questions: [
        (x, y) => `¿Cuál es la póliza de seguro ${del(x)} desde ${y}?`,
        (x, y) => `¿Qué número tiene la póliza de seguro que cubre ${el(x)} desde ${y}?`,
      ],
    },
    {
      key: 'capacity',
      value: 'number',
      sentence: (x, y, v) => `Tras la reforma de ${y}, ${el(x)} admite ${v} visitantes.`,
      below: (y, v) => `Tras la reforma de ${y} admite ${v} visitantes.`,
      questions: [
        (x, y) => `¿Cuántos visitantes caben en ${el(x)} tras la reforma de ${y}?`,
        (x, y) => `¿Qué número de visitantes admite ${el(x)} desde la reforma de ${y}?`,
      ],
    },
    {
      key: 'meter',
      value: 'number',
      column: 'Contador de agua',
      sentence: (x, y, v) => `Al cierre de ${y} el contador de agua ${del(x)} marcaba ${v}.`,
      below: (y, v) => `Al cierre de ${y} el contador de agua marcaba ${v}.`,
      questions: [
        (x, y) => `¿Qué cifra marcaba el contador de agua ${del(x)} al cerrar ${y}?`,
        (x, y) => `¿Cuánto indicaba al final de ${y} el contador del agua en ${el(x)}?`,
      ],
    },
    {
      key: 'notice',
      value: 'days',
      sentence: (x, y, v) =>
        `Según el acuerdo de ${y}, el plazo de preaviso para dejar ${el(x)} es de ${v} días.`,
      below: (y, v) => `Según el acuerdo de ${y}, el plazo de preaviso es de ${v} días.`,
      questions: [
        (x, y) => `¿Cuántos días de preaviso fija el acuerdo de ${y} para ${el(x)}?`,
        (x, y) => `¿Con qué plazo de preaviso se puede dejar ${el(x)} según el acuerdo de ${y}?`,
      ],
    },
    {
      key: 'plans',
      value: 'person',
      sentence: (x, y, v) => `Los planos de la ampliación ${del(x)} de ${y} son obra de ${v}.`,
      below: (y, v) => `Los planos de la ampliación de ${y} son obra de ${v}.`,
      questions: [
        (x, y) => `¿Quién dibujó los planos de la ampliación ${del(x)} en ${y}?`,
        (x, y) => `¿De quién son los planos para ampliar ${el(x)} en ${y}?`,
      ],
    },
  ],
  fillers: [
    '{who} preguntó si {thing} se podía guardar junto a {spot}, y nadie se opuso.',
    'Durante {time} no se puede pasar por {spot} porque allí está {thing}.',
    'Antes de {time} {who} miró {thing} y tomó unas fotos.',
    'No se habló más de {thing}, aunque {who} había escrito dos veces.',
    'Se acordó que {who} pase por {spot} una vez por semana.',
    'Quien se lleve {thing} firma la lista que cuelga junto a {spot}.',
    'Después de {time} alguien dejó {thing} en {spot}, donde no estorba.',
    '{who} leyó el acta de la última reunión, que se aprobó sin cambios.',
    'Hubo una larga charla sobre {spot}, y {who} tomó nota.',
    'Arreglar {thing} cuesta más de lo previsto; {who} pedirá otro presupuesto.',
  ],
  words: {
    thing:
      'la escalera,el pasamanos,el proyector,la lámpara,la cortina,la verja,el banco,la radio,la alfombra,el estante,el carrito,la manguera,el reloj,el toldo'.split(
        ',',
      ),
    spot: 'la puerta lateral,el patio viejo,la sala baja,el jardín trasero,el muelle de carga,la cantina,el primer rellano,el aparcamiento'.split(
      ',',
    ),
    who: 'la comisión,el equipo de limpieza,un vecino,la secretaria,la tesorera,el vigilante de noche,un electricista'.split(
      ',',
    ),
    time: 'las fiestas,la Semana Santa,la primera helada,la asamblea,el fin de semana,la comida'.split(
      ',',
    ),
  },
  mentions: [
    (x) => `Esa semana llegaron varias cartas sobre ${el(x)}.`,
    (x) => `Quienes visitan ${el(x)} piden mejores carteles.`,
    (x) => `El camino que lleva hasta ${el(x)} estuvo cortado un día.`,
    (x) => `Una fotografía ${del(x)} cuelga en el pasillo.`,
  ],
  titles: [
    'Acta',
    'Visita de primavera',
    'Puntos abiertos',
    'Ronda de las casas',
    'Cartas recibidas',
    'Gastos y ofertas',
    'Reparaciones',
    'Lo que se decidió',
    'Notas del paseo',
    'Otros asuntos',
    'Llaves y puertas',
    'Informe de verano',
  ],
  firstNames:
    'Rosalía Íñigo Nieves Martín Begoña Andrés Lucía Gonzalo Inés Raúl Pilar Óscar Elvira Hugo'.split(
      ' ',
    ),
  companies: ['Hermanos', 'Calefacción', 'e Hijos', 'Industrias'],
  number: withStops,
  date: (day, month, year) => `${day} de ${months[month - 1]} de ${year}`,
  person: (first, last) => `${first} ${last}`,
  contract: {
    title: (x) => `Contrato ${del(x)}`,
    facts: ['rent', 'deposit', 'policy', 'notice', 'inspection'],
    clauses: [
      'La parte arrendataria mantiene limpias las salas y las ventila a diario. Los arreglos pequeños corren de su cuenta y los grandes de la propiedad.',
      'Toda obra necesita permiso escrito de la propiedad, que no lo negará sin buena razón.',
      'La propiedad puede entrar en las salas si avisa el día antes, y en cualquier momento si hay peligro.',
      'Lo que quede dentro al terminar pasa a la propiedad al cabo de cuatro semanas.',
      'Si una cláusula fuera nula, las demás siguen en vigor. No hay pactos de palabra.',
    ],
  },
};

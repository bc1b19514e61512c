import type { Claim } from '../ipc/contract/index.ts';

/**
 * Labelled statements for contradictions: the passage supports one, says it with another value, or does
 * not speak of it. Written by hand in English, Spanish and Korean. Rules were tuned on `valuePairs`;
 * `heldOutValues` were written afterwards: first result 11 of 12 contradictions; the rule for Korean denials was then
 * changed once for both sets.
 */
export interface ValuePair {
  readonly passage: string;
  readonly sentence: string;
  readonly state: Claim['state'];
  /** What of the two should be named as different. */
  readonly values?: readonly [said: string, found: string];
}

const sales =
  'Sales grew by 15% in Europe in 2023. The pump needs 40 watts and weighs 12 kg. ' +
  'The contract was signed on 3 May 2021 in Lisbon by Ana Ruiz. The budget is 2.5 million dollars. ' +
  'The tank holds 448 ml. Smoking is not allowed in the hall. The meeting starts at 9:30.';
const ventas =
  'Las ventas crecieron un 15 % en Europa en 2023. La bomba necesita 40 vatios y pesa 12 kilos. ' +
  'El contrato se firmó el 3 de mayo de 2021 en Lisboa. El presupuesto es de 2,5 millones de euros. ' +
  'El depósito contiene 448 ml. No se permite fumar en la sala. El plazo de aviso es de tres meses.';
const korean =
  '2023년 유럽 매출은 15% 증가했습니다. 펌프의 무게는 12kg입니다. 계약은 2021년 5월 3일에 체결되었습니다. ' +
  '예산은 250만 유로입니다. 대출 기간은 14일입니다. 강당에서는 흡연이 허용되지 않습니다.';

const of =
  (passage: string) =>
  (state: Claim['state'], sentence: string, ...values: [] | [string, string]): ValuePair => ({
    passage,
    sentence,
    state,
    ...(values.length === 2 && { values }),
  });
const en = of(sales);
const es = of(ventas);
const ko = of(korean);

export const valuePairs: readonly ValuePair[] = [
  en('supported', 'Sales grew by 15 percent in Europe in 2023.'),
  en('contradicted', 'Sales grew by 12% in Europe in 2023.', '12%', '15%'),
  en('contradicted', 'Sales grew by 15% in Europe in 2022.', '2022', '2023'),
  en('contradicted', 'In Europe, sales grew by twelve percent.', 'twelve percent', '15%'),
  en('supported', 'The pump needs 40 W and weighs 12 kilograms.'),
  en('contradicted', 'The pump needs 400 watts.', '400 watts', '40 watts'),
  en('contradicted', 'The pump weighs 12 grams.', '12 grams', '12 kg'),
  en('contradicted', 'The contract was signed on 5 May 2021 in Lisbon.', '5', '3'),
  en('contradicted', 'The contract was signed on 3 June 2021 in Lisbon.', 'June', 'May'),
  en('supported', 'The contract was signed on 3 May 2021.'),
  en('contradicted', 'The budget is 2.5 billion dollars.', '2.5 billion', '2.5 million'),
  en('contradicted', 'The budget is 3.5 million dollars.', '3.5 million', '2.5 million'),
  en('contradicted', 'The tank holds 448 litres.', '448 litres', '448 ml'),
  en('contradicted', 'Smoking is allowed in the hall.'),
  en('supported', 'Smoking in the hall is not allowed.'),
  en('contradicted', 'The meeting starts at 10:30.', '10:30', '9:30'),
  en('contradicted', 'The contract was signed in Madrid by Ana Ruiz.', 'Madrid', 'Lisbon'),
  en('unsupported', 'The pump was built in 1999 in Kiel.'),
  en('unsupported', 'Costs fell by 12% in Asia.'),
  en('unsupported', 'The hall seats 300 people.'),
  en('unsupported', 'The filter weighs 3 kg.'),
  es('supported', 'Las ventas crecieron un 15% en Europa.'),
  es('contradicted', 'Las ventas crecieron un 12 % en Europa en 2023.', '12 %', '15 %'),
  es('contradicted', 'Las ventas crecieron un 15 % en Europa en 2021.', '2021', '2023'),
  es('contradicted', 'La bomba necesita 400 vatios.', '400 vatios', '40 vatios'),
  es('contradicted', 'La bomba pesa 12 gramos.', '12 gramos', '12 kilos'),
  es('contradicted', 'El contrato se firmó el 3 de junio de 2021.', 'junio', 'mayo'),
  es('supported', 'El contrato se firmó el 3 de mayo de 2021 en Lisboa.'),
  es('contradicted', 'El presupuesto es de 3,5 millones de euros.', '3,5 millones', '2,5 millones'),
  es('contradicted', 'Se permite fumar en la sala.'),
  es('contradicted', 'El plazo de aviso es de dos meses.', 'dos meses', 'tres meses'),
  es('supported', 'El plazo de aviso es de 3 meses.'),
  es('unsupported', 'La bomba se compró en 1999.'),
  es('unsupported', 'El alquiler subió un 12 % en Asia.'),
  ko('supported', '2023년 유럽 매출은 15% 증가했습니다.'),
  ko('contradicted', '2023년 유럽 매출은 12% 증가했습니다.', '12%', '15%'),
  ko('contradicted', '펌프의 무게는 12g입니다.', '12g', '12kg'),
  ko('contradicted', '펌프의 무게는 15kg입니다.', '15kg', '12kg'),
  ko('contradicted', '계약은 2021년 6월 3일에 체결되었습니다.', '6월', '5월'),
  ko('contradicted', '대출 기간은 20일입니다.', '20일', '14일'),
  ko('supported', '대출 기간은 14일입니다.'),
  ko('contradicted', '강당에서는 흡연이 허용됩니다.'),
  ko('unsupported', '펌프는 1999년에 제작되었습니다.'),
];

const trail =
  'The Amsel trail climbs 640 metres and takes four hours. The hut has 24 beds and opens on 1 June. ' +
  'Dogs must be kept on a leash. A night costs €38. Cycling is forbidden on the upper section.';
const receta =
  'Mezcle 500 g de harina con 320 ml de agua. La masa reposa doce horas. El pan se hornea a 240 grados durante 35 minutos. ' +
  'El pan no contiene azúcar. La receta es de 1911.';
const school =
  '학교는 1987년에 설립되었습니다. 학생 수는 430명입니다. 수업은 오전 9시에 시작합니다. 도서관은 일요일에 열지 않습니다.';
const enHeld = of(trail);
const esHeld = of(receta);
const koHeld = of(school);

export const heldOutValues: readonly ValuePair[] = [
  enHeld('supported', 'The Amsel trail climbs 640 m.'),
  enHeld('contradicted', 'The Amsel trail climbs 460 metres.', '460 metres', '640 metres'),
  enHeld('contradicted', 'The hut has 42 beds.', '42', '24'),
  enHeld('contradicted', 'The hut opens on 1 July.', 'July', 'June'),
  enHeld('contradicted', 'A night costs €83.', '€83', '€38'),
  enHeld('contradicted', 'A night costs $38.', '$38', '€38'),
  enHeld('contradicted', 'Cycling is not forbidden on the upper section.'),
  enHeld('unsupported', 'The trail was opened in 1950.'),
  enHeld('unsupported', 'Breakfast costs €12.'),
  esHeld('supported', 'La masa reposa 12 horas.'),
  esHeld('contradicted', 'La masa reposa dos horas.', 'dos horas', 'doce horas'),
  esHeld('contradicted', 'El pan se hornea a 220 grados durante 35 minutos.', '220', '240'),
  esHeld('contradicted', 'El pan contiene azúcar.'),
  esHeld('unsupported', 'El queso se corta en 12 trozos.'),
  koHeld('supported', '학생 수는 430명입니다.'),
  koHeld('contradicted', '학교는 1978년에 설립되었습니다.', '1978년', '1987년'),
  koHeld('contradicted', '학생 수는 340명입니다.', '340', '430'),
  koHeld('contradicted', '도서관은 일요일에 엽니다.'),
  koHeld('unsupported', '급식비는 3000원입니다.'),
];

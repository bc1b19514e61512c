import { withCommas } from './language.ts';
import type { Language, Subject } from './language.ts';

export const s = ({ name, kind }: Subject): string => `${name} ${kind}`;

/** Whether the last syllable ends in a consonant, which chooses the particle. */
const closed = (word: string): boolean =>
  ((word.codePointAt(word.length - 1) ?? 0) - 0xac00) % 28 > 0;
export const topic = (x: Subject): string => s(x) + (closed(x.kind) ? '은' : '는');
export const subject = (x: Subject): string => s(x) + (closed(x.kind) ? '이' : '가');
export const object = (x: Subject): string => s(x) + (closed(x.kind) ? '을' : '를');

export const korean: Language = {
  code: 'ko',
  kinds: ['제분소', '목장', '창고', '공방', '예배당', '온실', '선착장', '양조장', '기록관'],
  syllables: [
    '가 나 다 라 마 바 사 아 자 하 고 노 도 로 모 보 소 오 조 호'.split(' '),
    '람 린 본 솔 온 윤 찬 탄 평 해'.split(' '),
    '내 담 들 루 벌 샘 울 재 터 흘'.split(' '),
  ],
  label: s,
  columns: { site: '장소', year: '연도' },
  attributes: [
    {
      key: 'rent',
      value: 'money',
      column: '월 임대료(유로)',
      sentence: (x, y, v) => `${y}년 ${s(x)}의 월 임대료는 ${v}유로였다.`,
      below: (y, v) => `${y}년 월 임대료는 ${v}유로였다.`,
      questions: [
        (x, y) => `${y}년에 ${s(x)}의 임대료는 한 달에 몇 유로였나요?`,
        (x, y) => `${s(x)}에 대해 ${y}년에 낸 월 임대료는 얼마인가요?`,
      ],
    },
    {
      key: 'deposit',
      value: 'money',
      sentence: (x, y, v) => `${y}년에 ${s(x)}의 보증금은 ${v}유로로 올랐다.`,
      below: (y, v) => `${y}년에 보증금은 ${v}유로로 올랐다.`,
      questions: [
        (x, y) => `${s(x)}의 보증금은 ${y}년에 얼마로 올랐나요?`,
        (x, y) => `${y}년 ${s(x)} 보증금은 몇 유로인가요?`,
      ],
    },
    {
      key: 'caretaker',
      value: 'person',
      column: '관리인',
      sentence: (x, y, v) => `${y}년부터 ${s(x)}의 관리인은 ${v} 씨이다.`,
      below: (y, v) => `${y}년부터 관리인은 ${v} 씨이다.`,
      questions: [
        (x, y) => `${y}년부터 ${object(x)} 맡은 관리인은 누구인가요?`,
        (x, y) => `${s(x)}의 관리인은 ${y}년부터 누구입니까?`,
      ],
    },
    {
      key: 'boiler',
      value: 'company',
      sentence: (x, y, v) => `${y}년에 ${s(x)}에 설치된 보일러는 ${v}에서 만들었다.`,
      below: (y, v) => `${y}년에 설치된 보일러는 ${v}에서 만들었다.`,
      questions: [
        (x, y) => `${s(x)}에 ${y}년에 설치된 보일러는 어느 회사에서 만들었나요?`,
        (x, y) => `${y}년에 설치한 ${s(x)} 보일러의 제조사는 어디인가요?`,
      ],
    },
    {
      key: 'inspection',
      value: 'date',
      column: '소방 점검',
      sentence: (x, y, v) => `${s(x)}의 ${y}년 소방 점검은 ${v}에 있었다.`,
      below: (y, v) => `${y}년 소방 점검은 ${v}에 있었다.`,
      questions: [
        (x, y) => `${y}년 ${s(x)} 소방 점검은 며칠에 있었나요?`,
        (x, y) => `${s(x)}에서 ${y}년에 소방 점검을 한 날짜는 언제인가요?`,
      ],
    },
    {
      key: 'roof',
      value: 'number',
      sentence: (x, y, v) => `${y}년 측량에서 ${s(x)}의 지붕 면적은 ${v}제곱미터로 나왔다.`,
      below: (y, v) => `${y}년 측량에서 지붕 면적은 ${v}제곱미터로 나왔다.`,
      questions: [
        (x, y) => `${s(x)}의 지붕은 ${y}년 측량에서 몇 제곱미터였나요?`,
        (x, y) => `${y}년에 측량한 ${s(x)} 지붕 면적은 얼마입니까?`,
      ],
    },
    {
      key: 'policy',
      value: 'code',
      column: '보험 증권',
      sentence: (x, y, v) => `${s(x)}의 보험 증권 번호는 ${y}년부터 ${v}이다.`,
      below: (y, v) => `보험 증권 번호는 ${y}년부터 ${v}이다.`,
      questions: [
        (x, y) => `${y}년부터 ${s(x)}의 보험 증권 번호는 무엇인가요?`,
        (x, y) => `${subject(x)} ${y}년부터 가입한 보험의 증권 번호를 알려 주세요.`,
      ],
    },
    {
      key: 'capacity',
      value: 'number',
      sentence: (x, y, v) => `${y}년 증축 이후 ${topic(x)} 방문객 ${v}명을 받을 수 있다.`,
      below: (y, v) => `${y}년 증축 이후 방문객 ${v}명을 받을 수 있다.`,
      questions: [
        (x, y) => `${y}년 증축 뒤 ${s(x)}에는 방문객이 몇 명 들어갈 수 있나요?`,
        (x, y) => `${topic(x)} ${y}년에 증축한 이후 방문객을 몇 명까지 받나요?`,
      ],
    },
    {
      key: 'meter',
      value: 'number',
      column: '수도 계량기',
      sentence: (x, y, v) => `${y}년 말 ${s(x)}의 수도 계량기 숫자는 ${v}로 적혀 있다.`,
      below: (y, v) => `${y}년 말 수도 계량기 숫자는 ${v}로 적혀 있다.`,
      questions: [
        (x, y) => `${s(x)}의 수도 계량기는 ${y}년 말에 얼마를 가리켰나요?`,
        (x, y) => `${y}년 말 ${s(x)} 수도 계량기 숫자는 얼마였나요?`,
      ],
    },
    {
      key: 'notice',
      value: 'days',
      sentence: (x, y, v) => `${y}년 합의에 따르면 ${s(x)}의 해지 통보 기간은 ${v}일이다.`,
      below: (y, v) => `${y}년 합의에 따르면 해지 통보 기간은 ${v}일이다.`,
      questions: [
        (x, y) => `${y}년 합의에서 ${s(x)}의 해지 통보 기간은 며칠인가요?`,
        (x, y) => `${object(x)} 해지하려면 ${y}년 합의에 따라 며칠 전에 통보해야 하나요?`,
      ],
    },
    {
      key: 'plans',
      value: 'person',
      sentence: (x, y, v) => `${y}년 ${s(x)} 증축 도면은 ${v} 씨가 그렸다.`,
      below: (y, v) => `${y}년 증축 도면은 ${v} 씨가 그렸다.`,
      questions: [
        (x, y) => `${s(x)}의 ${y}년 증축 도면을 그린 사람은 누구인가요?`,
        (x, y) => `${y}년에 ${object(x)} 증축할 때 도면은 누가 그렸나요?`,
      ],
    },
  ],
  fillers: [
    '{time} 전에 {who} {spot} 옆에 있던 {thing} 살펴보았다.',
    '{who} {thing} 옮겨도 되는지 물었고 아무도 반대하지 않았다.',
    '{time} 동안 {spot} 쪽은 지나갈 수 없다.',
    '{who} 두 번이나 편지를 썼지만 더 이상 이야기가 없었다.',
    '{who} 일주일에 한 번 {spot} 쪽을 둘러보기로 했다.',
    '{thing} 빌려 가는 사람은 {spot} 옆 명부에 이름을 적는다.',
    '{time} 이후 누군가 {thing} {spot} 쪽에 두고 갔다.',
    '지난 회의록은 {who} 읽었고 고친 것 없이 승인되었다.',
    '{spot} 문제로 오래 이야기했고 {who} 기록했다.',
    '생각보다 비싸서 {who} 다른 견적을 알아보기로 했다.',
  ],
  words: {
    thing:
      '사다리를,난간을,전등을,커튼을,의자를,라디오를,양탄자를,선반을,수레를,시계를,호스를'.split(
        ',',
      ),
    spot: '옆문,뒷마당,아래층 강당,뒤뜰,주차장,식당,첫째 층계참,짐 내리는 곳'.split(','),
    who: '위원회가,청소 반이,이웃이,총무가,회계가,야간 경비가,전기 기사가,자원봉사자가'.split(','),
    time: '명절,첫서리,총회,주말,겨울 휴가,점심'.split(','),
  },
  mentions: [
    (x) => `그 주에 ${s(x)} 이야기를 담은 편지가 여러 통 왔다.`,
    (x) => `${object(x)} 찾는 사람들은 더 나은 안내판을 바란다.`,
    (x) => `${s(x)} 쪽으로 가는 길이 하루 동안 막혔다.`,
    (x) => `복도에는 ${s(x)} 사진이 걸려 있다.`,
  ],
  titles: [
    '회의록',
    '봄 방문',
    '남은 일',
    '건물 순회',
    '받은 편지',
    '비용과 견적',
    '수리',
    '결정된 일',
    '산책 기록',
    '그 밖의 일',
    '열쇠와 문',
    '여름 보고',
  ],
  firstNames: '서연 도윤 하은 지호 수아 예준 민서 시우 지아 유찬 나은 현우 다인 준서'.split(' '),
  companies: ['공업', '난방', '형제', '산업'],
  number: withCommas,
  date: (day, month, year) => `${year}년 ${month}월 ${day}일`,
  person: (first, last) => `${last.slice(0, 1)}${first}`,
  contract: {
    title: (x) => `${s(x)} 계약서`,
    facts: ['rent', 'deposit', 'policy', 'notice', 'inspection'],
    clauses: [
      '임차인은 방을 깨끗이 쓰고 날마다 바람을 통하게 한다. 작은 고장은 임차인이, 큰 고장은 주인이 고친다.',
      '건물을 고치려면 주인의 서면 동의가 있어야 한다. 주인은 까닭 없이 거절하지 않는다.',
      '주인은 하루 전에 알리고 들어갈 수 있으며, 위험할 때는 언제나 들어갈 수 있다.',
      '끝난 뒤 남겨 둔 물건은 네 주가 지나면 주인의 것이 된다.',
      '한 조항이 무효라도 다른 조항은 그대로 남는다. 말로 한 약속은 없다.',
    ],
  },
};

import { korean, object, s, subject, topic } from './korean.ts';
import type { Attribute, Language } from './language.ts';

const facts: readonly Attribute[] = [
  {
    key: 'charter',
    value: 'money',
    column: '주당 용선료(유로)',
    sentence: (x, y, v) => `${y}년에 ${object(x)} 한 주 빌리는 용선료는 ${v}유로였다.`,
    below: (y, v) => `${y}년에 한 주 빌리는 용선료는 ${v}유로였다.`,
    questions: [
      (x, y) => `${y}년 ${s(x)}의 한 주 용선료는 몇 유로였나요?`,
      (x, y) => `${object(x)} ${y}년에 한 주 동안 빌리려면 용선료로 얼마를 내야 했나요?`,
    ],
  },
  {
    key: 'dues',
    value: 'money',
    sentence: (x, y, v) => `${topic(x)} ${y}년 철에 항만 사용료로 ${v}유로를 냈다.`,
    below: (y, v) => `${y}년 철에 항만 사용료로 ${v}유로를 냈다.`,
    questions: [
      (x, y) => `${subject(x)} ${y}년에 낸 항만 사용료는 얼마인가요?`,
      (x, y) => `${y}년 ${s(x)}의 항만 사용료는 몇 유로입니까?`,
    ],
  },
  {
    key: 'captain',
    value: 'person',
    column: '선장',
    sentence: (x, y, v) => `${y}년에 ${v} 씨가 ${s(x)}의 새 선장으로 왔다.`,
    below: (y, v) => `${y}년에 ${v} 씨가 새 선장으로 왔다.`,
    questions: [
      (x, y) => `${y}년에 ${s(x)}의 선장이 된 사람은 누구인가요?`,
      (x, y) => `${s(x)}에 ${y}년 새로 온 선장은 누구입니까?`,
    ],
  },
  {
    key: 'engine',
    value: 'company',
    sentence: (x, y, v) => `${y}년에 ${s(x)}에는 ${v}의 디젤 기관을 얹었다.`,
    below: (y, v) => `${y}년에 ${v}의 디젤 기관을 얹었다.`,
    questions: [
      (x, y) => `${s(x)}에 ${y}년에 얹은 디젤 기관은 어느 회사 것인가요?`,
      (x, y) => `${y}년 ${s(x)}의 기관을 공급한 회사는 어디인가요?`,
    ],
  },
  {
    key: 'dock',
    value: 'date',
    column: '출거일',
    sentence: (x, y, v) => `${y}년 정비를 마치고 ${topic(x)} ${v}에 건선거를 떠났다.`,
    below: (y, v) => `${y}년 정비를 마치고 ${v}에 건선거를 떠났다.`,
    questions: [
      (x, y) => `${y}년 정비 뒤에 ${subject(x)} 건선거를 떠난 날은 언제인가요?`,
      (x, y) => `${topic(x)} ${y}년에 며칠 날 건선거에서 나왔나요?`,
    ],
  },
  {
    key: 'hull',
    value: 'number',
    sentence: (x, y, v) => `${y}년에 잠수부들은 ${s(x)} 선체에서 홍합 ${v}개를 떼어 냈다.`,
    below: (y, v) => `${y}년에 잠수부들은 선체에서 홍합 ${v}개를 떼어 냈다.`,
    questions: [
      (x, y) => `${y}년에 ${s(x)}의 선체에서 떼어 낸 홍합은 몇 개인가요?`,
      (x, y) => `잠수부들이 ${y}년 ${s(x)}에서 떼어 낸 홍합 수는 얼마입니까?`,
    ],
  },
  {
    key: 'register',
    value: 'code',
    column: '선적 번호',
    sentence: (x, y, v) => `${y}년 선박 등록부에는 ${subject(x)} ${v}로 올라 있다.`,
    below: (y, v) => `${y}년 선박 등록부에는 ${v}로 올라 있다.`,
    questions: [
      (x, y) => `${y}년 선박 등록부에 ${topic(x)} 어떤 번호로 올라 있나요?`,
      (x, y) => `${s(x)}의 ${y}년 선박 등록 번호는 무엇인가요?`,
    ],
  },
  {
    key: 'passengers',
    value: 'number',
    sentence: (x, y, v) => `${y}년 한 해 동안 ${topic(x)} 승객 ${v}명을 실어 날랐다.`,
    below: (y, v) => `${y}년 한 해 동안 승객 ${v}명을 실어 날랐다.`,
    questions: [
      (x, y) => `${y}년에 ${object(x)} 탄 승객은 몇 명이었나요?`,
      (x, y) => `${subject(x)} ${y}년 한 해에 실어 나른 승객 수는 얼마인가요?`,
    ],
  },
  {
    key: 'fuel',
    value: 'number',
    column: '연료(리터)',
    sentence: (x, y, v) => `${topic(x)} ${y}년에 연료 ${v}리터를 썼다.`,
    below: (y, v) => `${y}년에 연료 ${v}리터를 썼다.`,
    questions: [
      (x, y) => `${y}년에 ${subject(x)} 쓴 연료는 몇 리터인가요?`,
      (x, y) => `${s(x)}의 ${y}년 연료 소비량은 몇 리터였나요?`,
    ],
  },
  {
    key: 'layup',
    value: 'days',
    sentence: (x, y, v) => `${y}년에는 폭풍 때문에 ${subject(x)} ${v}일 동안 항구에 묶였다.`,
    below: (y, v) => `${y}년에는 폭풍 때문에 ${v}일 동안 항구에 묶였다.`,
    questions: [
      (x, y) => `${topic(x)} ${y}년에 폭풍으로 며칠 동안 항구에 묶여 있었나요?`,
      (x, y) => `폭풍 때문에 ${y}년 ${subject(x)} 항구에 머문 날은 며칠인가요?`,
    ],
  },
  {
    key: 'logbook',
    value: 'person',
    sentence: (x, y, v) => `${y}년 ${s(x)}의 항해 일지에는 ${v} 씨가 서명했다.`,
    below: (y, v) => `${y}년 항해 일지에는 ${v} 씨가 서명했다.`,
    questions: [
      (x, y) => `${s(x)}의 ${y}년 항해 일지에 서명한 사람은 누구인가요?`,
      (x, y) => `${y}년 ${s(x)} 항해 일지에는 누가 서명했나요?`,
    ],
  },
];

export const secondKorean: Language = {
  ...korean,
  kinds: ['여객선', '예인선', '바지선', '어선', '범선', '준설선', '유람선', '화물선', '순찰정'],
  syllables: [
    '거 너 더 러 머 버 서 어 저 허 구 누 두 루 무 부 수 우 주 후'.split(' '),
    '령 민 별 선 연 은 진 천 태 한'.split(' '),
    '강 달 빛 솔 숲 아 올 잎 큰 하'.split(' '),
  ],
  columns: { site: '배', year: '해' },
  attributes: facts,
  mentions: [
    (x) => `누군가 대합실에 걸 ${s(x)} 그림을 그렸다.`,
    (x) => `${s(x)}에 모자가 하나 남아 있었고 아무도 찾아가지 않았다.`,
    (x) => `아침에 부두에서 ${subject(x)} 보였다.`,
    (x) => `학교 아이들은 ${object(x)} 즐겨 그린다.`,
  ],
  contract: {
    ...korean.contract,
    title: (x) => `${s(x)} 대여 조건`,
    facts: ['charter', 'dues', 'register', 'layup', 'dock'],
  },
};

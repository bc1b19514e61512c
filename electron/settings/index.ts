import type { Announcer } from '../core/ports.ts';
import { readEndpoint, readProxy } from '../ipc/addresses.ts';
import { AppError } from '../ipc/app-error.ts';
import { kvTypes, rewriteChoices, toolNames } from '../ipc/contract/index.ts';
import type { KvType, RewriteChoice, Settings } from '../ipc/contract/index.ts';
import type { HandlersOf } from '../ipc/handlers.ts';
import { readSettings, writeSettings } from '../storage/repositories/settings.ts';
import type { Writer } from '../storage/sql.ts';

/** What holds where nothing was chosen. Sampling: greedy, as IBM recommends for Granite 4 (granite.md §4.1). */
export const defaultSettings: Settings = {
  theme: 'system',
  locale: 'system',
  textSize: 15,
  welcomed: false,
  defaultModelId: null,
  temperature: 0,
  topP: 1,
  topK: 0,
  maxAnswerTokens: 1024,
  contextSize: null,
  sessions: 4,
  kvType: 'f16',
  keepStates: true,
  statesBudget: null,
  encryptStates: false,
  nameByModel: false,
  rewriteQuestions: 'automatic',
  ocr: false,
  ocrLanguages: 'eng',
  embeddingModel: 'automatic',
  threads: null,
  proxyMode: 'system',
  proxyAddress: '',
  proxyBypass: '',
  mirror: null,
  refreshKeys: false,
  checkEvery: 'month',
  tools: { search_documents: 'off', read_document: 'off', calculator: 'off', date_time: 'off' },
};

type Rule = (value: unknown) => boolean;
const number =
  (from: number, to: number): Rule =>
  (value) =>
    typeof value === 'number' && value >= from && value <= to;
const whole =
  (from: number, to: number): Rule =>
  (value) =>
    Number.isInteger(value) && number(from, to)(value);
const orNull =
  (rule: Rule): Rule =>
  (value) =>
    value === null || rule(value);

const rules: { readonly [Key in keyof Settings]: Rule } = {
  theme: (value) => ['system', 'light', 'dark', 'contrast'].includes(value as string),
  locale: (value) => value === 'system' || isLocale(value),
  textSize: whole(13, 20),
  welcomed: (value) => typeof value === 'boolean',
  defaultModelId: orNull((value) => typeof value === 'string' && value !== ''),
  temperature: number(0, 2),
  topP: number(0, 1),
  topK: whole(0, 1000),
  maxAnswerTokens: whole(16, 32_768),
  contextSize: orNull(whole(512, 1_048_576)),
  sessions: whole(1, 16),
  kvType: (value) => kvTypes.includes(value as KvType),
  embeddingModel: (value) => typeof value === 'string' && value.length > 0 && value.length <= 200,
  threads: orNull(whole(1, 256)),
  proxyMode: (value) => ['system', 'none', 'manual'].includes(value as string),
  proxyAddress: (value) => value === '' || (typeof value === 'string' && reads(readProxy, value)),
  proxyBypass: (value) =>
    typeof value === 'string' && /^([\w.*:[\]-]+(\s*[,\s]\s*[\w.*:[\]-]+)*)?$/.test(value),
  mirror: orNull((value) => typeof value === 'string' && reads(readEndpoint, value)),
  keepStates: (value) => typeof value === 'boolean',
  statesBudget: orNull(whole(2 ** 26, 2 ** 50)),
  encryptStates: (value) => typeof value === 'boolean',
  nameByModel: (value) => typeof value === 'boolean',
  rewriteQuestions: (value) => rewriteChoices.includes(value as RewriteChoice),
  ocr: (value) => typeof value === 'boolean',
  ocrLanguages: (value) =>
    typeof value === 'string' && /^\w{2,32}(?:\+\w{2,32}){0,15}$/.test(value),
  refreshKeys: (value) => typeof value === 'boolean',
  checkEvery: (value) => ['never', 'month', 'week'].includes(value as string),
  tools: (value) =>
    typeof value === 'object' &&
    value !== null &&
    Object.keys(value).length === toolNames.length &&
    toolNames.every((name) =>
      ['ask', 'allow', 'off'].includes((value as Partial<Settings['tools']>)[name] ?? ''),
    ),
};
const keys = Object.keys(rules) as (keyof Settings)[];

export interface SettingsStore {
  get(): Settings;
  /**
   * Changes the given values, all or none. Keys that this program does not know are passed over.
   * Throws 'invalid-argument' (detail: setting) when a value is out of its range.
   */
  set(values: Partial<Settings>): Settings;
  readonly handlers: HandlersOf<'settings'>;
}

/**
 * The user's choices, kept in the database. A stored value that this version does not accept counts
 * as not chosen, so that an older or damaged value never keeps the app from starting.
 */
export function createSettings(ports: {
  readonly db: Writer;
  readonly announcer: Announcer;
}): SettingsStore {
  const { db, announcer } = ports;

  const get = (): Settings => {
    const stored = readSettings(db);
    const valid = keys.filter((key) => stored.has(key) && rules[key](stored.get(key)));
    return {
      ...defaultSettings,
      ...(Object.fromEntries(valid.map((key) => [key, stored.get(key)])) as Partial<Settings>),
    };
  };

  const set = (values: Partial<Settings>): Settings => {
    const changed = keys.filter((key) => values[key] !== undefined);
    for (const key of changed) {
      if (!rules[key](values[key])) {
        throw new AppError('invalid-argument', `setting '${key}' is out of range`, {
          detail: { setting: key },
        });
      }
    }
    if (changed.length > 0) {
      writeSettings(db, new Map(changed.map((key) => [key, values[key]])));
      announcer.push('settings.changed', {});
    }
    return get();
  };

  return {
    get,
    set,
    handlers: { 'settings.get': () => get(), 'settings.set': ({ values }) => set(values) },
  };
}

function reads(read: (text: string) => string, value: string): boolean {
  try {
    read(value);
    return true;
  } catch {
    return false;
  }
}

function isLocale(value: unknown): boolean {
  if (typeof value !== 'string') return false;
  try {
    return Intl.getCanonicalLocales(value).length === 1;
  } catch {
    return false;
  }
}

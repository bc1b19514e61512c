import { Refusal } from './refusal.ts';
import type { RefusalCode } from '../../ipc/contract/index.ts';

/** The steps of a verification, in order; the "how was this checked" page shows each one. */
export const stepIds = [
  'structure',
  'authority',
  'time',
  'certificate',
  'log',
  'signature',
  'signer',
  'statement',
] as const;
export type StepId = (typeof stepIds)[number];

export interface Step {
  readonly id: StepId;
  /** What the step finds out, in plain words. */
  readonly question: string;
  readonly result: 'passed' | 'failed' | 'not-reached';
  /** Only of a failed step. */
  readonly code: RefusalCode | null;
  /** What was seen: names, times (ISO 8601, UTC), numbers. */
  readonly facts: Readonly<Record<string, string>>;
}

const questions: Readonly<Record<StepId, string>> = {
  structure: 'Is the file a complete signature of the one accepted kind?',
  authority: 'Did a trusted authority issue the signer’s certificate?',
  time: 'When was it signed, and who proves that?',
  certificate: 'Was the certificate valid at that time, and published?',
  log: 'Does the public log hold exactly this signature?',
  signature: 'Does the signature fit what was signed?',
  signer: 'Is the signer the expected one, letter by letter?',
  statement: 'Is what was signed a sound list of files?',
};

export interface Steps {
  /** Facts of a step, also when it fails. */
  note(id: StepId, facts: Readonly<Record<string, string>>): void;
  /** Runs a step. What it throws goes on as a Refusal. */
  run<T>(id: StepId, otherwise: RefusalCode, work: () => T): T;
  passed(id: StepId): void;
  failed(id: StepId, refusal: Refusal): void;
  list(): Step[];
}

export function createSteps(): Steps {
  const results = new Map<StepId, { result: 'passed' | 'failed'; code: RefusalCode | null }>();
  const facts = new Map<StepId, Record<string, string>>();
  const note: Steps['note'] = (id, more) => void facts.set(id, { ...facts.get(id), ...more });
  const failed: Steps['failed'] = (id, refusal) => {
    note(id, refusal.facts);
    results.set(id, { result: 'failed', code: refusal.code });
  };
  const passed: Steps['passed'] = (id) => void results.set(id, { result: 'passed', code: null });
  return {
    note,
    passed,
    failed,
    run: (id, otherwise, work) => {
      try {
        const value = work();
        passed(id);
        return value;
      } catch (error) {
        const refusal = error instanceof Refusal ? error : new Refusal(otherwise);
        failed(id, refusal);
        throw refusal;
      }
    },
    list: () =>
      stepIds.map((id) => ({
        id,
        question: questions[id],
        result: results.get(id)?.result ?? 'not-reached',
        code: results.get(id)?.code ?? null,
        facts: facts.get(id) ?? {},
      })),
  };
}
